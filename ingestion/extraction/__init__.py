"""Propose, for each figure of a narrative report, what it measures, where, when and in which capacity.

Nothing here learns: a proposal is the sum of named pieces of evidence, weighed by constants that stand beside their
reason. The vocabulary is data (``ingestion/reference/lexicon``), the subjects are the declared indicators and measures,
the places are the territory reference. docs/extraction.md says how well it does.
"""
