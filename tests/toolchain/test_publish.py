"""Publishing: from the book into the package, all or nothing."""

from __future__ import annotations

import shutil

import pytest

import publish
from rootkappa_sphinx.execution import ROOT


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    for name in ("claims.toml", "quadratics.ipynb"):
        shutil.copy(ROOT / "book" / name, folder)
    return folder


def test_a_book_that_lacks_records_leaves_the_published_one(book, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises(ValueError, match=r"cannot be published: .*no chapter settles it"):
        publish.publish(book, data)
    assert list(data.iterdir()) == []


def test_what_is_published_is_what_the_package_carries(tmp_path):
    publish.publish(data=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in publish.DATA.iterdir()
    }
