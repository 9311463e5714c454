"""A chapter's text and its stored outputs belong together, and every chapter starts alike."""

from __future__ import annotations

import re

import jupytext
import pytest
import yaml

import chapters
import first_cell
from rootkappa_sphinx.execution import ROOT

BOOK = ROOT / "book"
CHAPTERS = chapters.chapters(BOOK)
PAGES = sorted(BOOK.glob("*.md"))


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
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    assert listed | {toc["root"]} == {f"book/{path.stem}" for path in PAGES}


def test_every_public_module_is_on_the_api_page():
    shown = set(re.findall(r"automodule:: rootkappa\.(\S+)", (BOOK / "api.md").read_text()))
    library = ROOT / "lib/rootkappa"
    modules = {path.relative_to(library).with_suffix("") for path in library.rglob("*.py")}
    public = {".".join(path.parts) for path in modules if not path.name.startswith("_")}
    assert shown == public
