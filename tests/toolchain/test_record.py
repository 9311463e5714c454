"""Recording is byte-stable, and leaves an earlier notebook whole when it does not finish."""

from __future__ import annotations

import nbformat
import pytest

import chapters
import record

HEAD = """---
jupytext:
  formats: ipynb,md:myst
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter

"""
CELLS = """```{code-cell} ipython3
:tags: [keep]

import sys
from IPython.display import display
print("one"); sys.stdout.flush(); print("two")
display({"image/png": "iVBORw0KGgo=", "text/plain": "Figure: x"}, raw=True)
```
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "small.md").write_text(HEAD + CELLS)
    (tmp_path / "prose.md").write_text("# No chapter\n")
    return tmp_path


def test_two_runs_are_equal_byte_for_byte_and_hold_text_alone(book, capsys):
    assert record.main(["--book", str(book)]) == 0
    target = book / "small.ipynb"
    first = target.read_bytes()
    target.unlink()
    assert record.main(["--book", str(book), "small"]) == 0
    assert target.read_bytes() == first
    assert "small" in capsys.readouterr().out
    assert sorted(path.name for path in book.iterdir()) == ["prose.md", "small.ipynb", "small.md"]

    notebook = nbformat.reads(first.decode(), as_version=4)
    nbformat.validate(notebook)
    stream, shown = notebook.cells[1].outputs
    assert stream.text == "one\ntwo\n"
    assert shown.data == {"text/plain": "Figure: x"}
    assert notebook.cells[1].metadata == {"tags": ["keep"]}


def test_a_failing_cell_keeps_the_earlier_notebook(book, capsys):
    (book / "small.ipynb").write_text("earlier")
    (book / "small.md").write_text(HEAD + "```{code-cell} ipython3\n1 / 0\n```\n")
    assert record.main(["--book", str(book)]) == 1
    assert (book / "small.ipynb").read_text() == "earlier"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_interrupted_write_keeps_the_earlier_file(tmp_path, monkeypatch):
    target = tmp_path / "x.ipynb"
    target.write_text("earlier")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        chapters.write_whole(target, "half")
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unknown_chapter_is_named(book, capsys):
    with pytest.raises(SystemExit):
        record.main(["--book", str(book), "smal"])
    assert "no chapter named smal: choose from small." in capsys.readouterr().err
