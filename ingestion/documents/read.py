"""Reading a delivered document, whatever its form."""

from __future__ import annotations

from pathlib import Path

from ingestion.documents.forms import FORM_FR, form_of, form_of_file
from ingestion.documents.guard import read_guarded
from ingestion.documents.limits import LIMITS, Limits
from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text, read_text_file, refuse_size
from ingestion.documents.refusal import Refusal

__all__ = ["LIMITS", "Limits", "form_of", "read_document", "read_text"]


def read_document(path: Path, name: str, limits: Limits = LIMITS) -> Document:
    """A file as a document; ``name`` is what the sender called it.

    Plain text is decoded here; every other form is read by a process of its own, which the document may not take
    anything else down with.

    Raises:
        InputError: it is no document, cannot be read or exceeds a limit; in French, with what to do.
    """
    try:
        form = form_of_file(path, name)
        if form == "text":
            return read_text_file(path, limits)
        refuse_size(path.stat().st_size, limits.file_bytes, FORM_FR[form])
        return read_guarded(path, form, limits)
    except Refusal as refusal:
        raise refusal.about(name) from refusal
