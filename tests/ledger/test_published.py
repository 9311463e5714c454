"""The ledger that the package carries is that of the book."""

from __future__ import annotations

import pytest

import publish
from rootkappa import ledger
from rootkappa.ledger.published import to_text
from rootkappa_sphinx.execution import ROOT


def test_the_package_carries_the_book():
    for name, text in publish.contents(ROOT / "book").items():
        held = (publish.DATA / name).read_text(encoding="utf-8")
        assert held == text, f"{name} is not what the book says: run python tools/publish.py"


def test_it_needs_no_book(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    book = ledger.published()
    assert book.claims.keys() == book.records.keys()
    assert book.verdict("quadratics/gd-radius") == "tight"


def test_records_are_published_sorted_and_with_their_signs():
    book = ledger.Book({}, {"b/c": {"y": 2, "x": "κ ≤ 4"}, "a/b": {}}, ())
    text = to_text(book)
    assert text == '{\n "a/b": {},\n "b/c": {\n  "x": "κ ≤ 4",\n  "y": 2\n }\n}\n'


def test_an_unsound_book_is_not_published():
    book = ledger.Book({}, {}, ("x.ipynb, cell 3: stale.", "another"))
    with pytest.raises(ValueError, match=r"cannot be published: x.ipynb, cell 3: stale\.$"):
        to_text(book)
