"""How sure a wording is: one vocabulary for the ledger, the theorems and the pages."""

from __future__ import annotations

from enum import StrEnum


class Provenance(StrEnum):
    """Where a statement's wording comes from, from the surest to the least sure."""

    FULL_TEXT = "full-text"
    AUTHORS_CODE = "authors-code"
    POSTER = "poster"
    ABSTRACT = "abstract"
    RECALLED = "recalled"
    DERIVED = "derived"

    @property
    def words(self) -> str:
        """The same in words, for a page."""
        return _WORDS[self]


_WORDS = {
    Provenance.FULL_TEXT: "read in the paper",
    Provenance.AUTHORS_CODE: "read in the authors' code",
    Provenance.POSTER: "read on the paper's poster",
    Provenance.ABSTRACT: "stated in the paper's abstract",
    Provenance.RECALLED: "recalled: reconstructed, not read in the paper; verify before quoting",
    Provenance.DERIVED: "derived for this book",
}
