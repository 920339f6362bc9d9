"""Reports as documents: every form that they come in, read into one model of text, pages, lines, blocks and tables."""
