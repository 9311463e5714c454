"""The stored outputs of the chapters settle every entered claim, as the claims stand now."""

from __future__ import annotations

from pathlib import Path

from rootkappa import ledger

BOOK = Path(__file__).parents[2] / "book"


def test_no_record_is_missing_unknown_or_stale():
    claims = ledger.read_claims(BOOK / "claims.toml")
    stored = ledger.Book.collect(claims, sorted(BOOK.glob("*.ipynb")))
    assert not stored.errors, "\n".join(stored.errors)
