"""A chapter's text and its stored outputs belong together, and every chapter starts alike."""

from __future__ import annotations

import jupytext
import pytest

import chapters
import first_cell
import recipes
from rootkappa_sphinx.execution import ROOT

BOOK = ROOT / "book"
CHAPTERS = chapters.chapters(BOOK)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


def test_there_are_chapters():
    assert CHAPTERS


def test_the_notebook_holds_the_same_cells(chapter):
    source = chapters.read_source(chapter)
    notebook = jupytext.read(chapter.with_suffix(".ipynb"))
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in source.cells
    ], f"run `python tools/record.py {chapter.stem}`"
    assert [cell.metadata for cell in code(notebook)] == [cell.metadata for cell in code(source)]


def test_the_notebook_is_in_the_stored_form(chapter):
    target = chapter.with_suffix(".ipynb")
    notebook = jupytext.read(target)
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "not executed from top to bottom"
    assert chapters.store_form(notebook) == target.read_text(encoding="utf-8")


def test_the_first_cell_is_the_one_of_all_chapters(chapter):
    first = code(chapters.read_source(chapter))[0]
    assert first.metadata.get("tags") == ["remove-cell"]
    assert first.source.strip() == first_cell.source().strip(), "run `python tools/first_cell.py`"


def test_long_cells_and_those_that_draw_or_settle_are_folded(chapter):
    for cell in code(chapters.read_source(chapter)):
        folds = any(call in cell.source for call in ("figures.show(", ".settle("))
        if folds or cell.source.count("\n") >= 20:
            tags = set(cell.metadata.get("tags", []))
            assert tags & {"hide-input", "hide-cell", "remove-cell"}, cell.source


def test_no_notebook_is_left_without_a_source():
    assert {path.stem for path in BOOK.glob("*.ipynb")} == {path.stem for path in CHAPTERS}


def test_every_page_is_in_the_table_of_contents():
    assert recipes.unlisted(ROOT) == []


def test_every_chapter_has_its_nine_rooms_and_its_title_in_the_ledger():
    assert recipes.unfurnished(ROOT) == []


def test_every_figure_is_shown_and_has_a_name_and_a_caption():
    assert recipes.uncaptioned(ROOT) == []


def test_every_term_of_the_glossary_is_linked():
    assert recipes.unlinked(ROOT) == []


def test_every_claim_has_its_paper_and_its_record():
    assert recipes.unsettled(ROOT) == []
