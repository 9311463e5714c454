"""The paper as a page: its authors, its formulas, its citations; what is missing is an error."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip("pypandoc", reason='needs pip install "rootkappa[paper]"')

import print_paper
from tests.toolchain.test_metadata import PAPER, entries


@pytest.fixture
def folder(tmp_path):
    for name in ("paper.md", "paper.bib"):
        shutil.copy(print_paper.PAPER.with_name(name), tmp_path)
    return tmp_path


def test_citations_are_resolved_and_formulas_are_drawn():
    page = print_paper.page(print_paper.PAPER)
    assert "<math" in page
    assert "???" not in page
    for key in entries("paper/paper.bib"):
        assert f'id="ref-{key}"' in page
        assert f'href="#ref-{key}"' in page
    header = print_paper.header(PAPER)
    assert f"{header['authors'][0]['name']} (affiliation: not stated)" in page
    assert header["date"] in page


def test_a_citation_without_an_entry_stops_the_build(folder):
    paper = folder / "paper.md"
    paper.write_text(PAPER.replace("@goh2017momentum", "@nobody1900"), encoding="utf-8")
    with pytest.raises(RuntimeError, match="nobody1900"):
        print_paper.page(paper)
