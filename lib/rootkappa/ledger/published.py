"""The published ledger: the claims and the records that settle them, as the package carries them.

`tools/publish.py` writes both files from the book; a test holds them to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

from rootkappa.ledger.claims import read_claims
from rootkappa.ledger.collect import Book

FOLDER = files("rootkappa.ledger") / "data"
CLAIMS = "claims.toml"
RECORDS = "records.json"


def published() -> Book:
    """Read the ledger that was published with this version of the library.

    Returns:
        All claims with their records.
    """
    with as_file(FOLDER / CLAIMS) as path:
        claims = read_claims(path)
    records: Mapping[str, Any] = json.loads((FOLDER / RECORDS).read_text(encoding="utf-8"))
    return Book(claims, records, ())


def to_text(book: Book) -> str:
    """Write the records of a book as the package carries them.

    Args:
        book: The book, without errors.

    Returns:
        JSON text.

    Raises:
        ValueError: If the book has errors.
    """
    if book.errors:
        raise ValueError(f"the book is not sound and cannot be published: {book.errors[0]}")
    return json.dumps(book.records, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
