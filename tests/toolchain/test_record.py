"""Recording is byte-stable, and leaves an earlier notebook whole when it does not finish."""

from __future__ import annotations

import nbformat
import pytest

import first_cell
import record
import rootkappa

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


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        ("import os; os._exit(1)", [], "small: the kernel died in a cell"),
        ("import time; time.sleep(60)", ["--time-limit", "1"], "small: a cell took more than 1 s"),
        ("1 / 0", [], "small: a cell failed with ZeroDivisionError: division by zero"),
    ],
    ids=["dead kernel", "time limit", "error"],
)
def test_a_chapter_that_fails_keeps_its_notebook_and_the_rest_is_recorded(
    book, capsys, code, options, message
):
    (book / "small.ipynb").write_text("earlier")
    (book / "small.md").write_text(f"{HEAD}```{{code-cell}} ipython3\n{code}\n```\n")
    (book / "whole.md").write_text(f"{HEAD}```{{code-cell}} ipython3\n1 + 1\n```\n")
    assert record.main(["--book", str(book), *options]) == 1
    assert (book / "small.ipynb").read_text() == "earlier"
    assert nbformat.read(book / "whole.ipynb", as_version=4).cells[1].outputs
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.endswith("not recorded: small\n")
    assert "whole" in said.out


def test_a_full_disk_is_a_sentence(book, monkeypatch, capsys):
    def refuse(path, _):
        raise OSError(f"cannot write {path}")

    monkeypatch.setattr(record, "write_atomically", refuse)
    assert record.main(["--book", str(book)]) == 1
    assert "small: cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "soon"])
def test_a_time_limit_is_a_number_above_zero(book, capsys, limit):
    with pytest.raises(SystemExit):
        record.main(["--book", str(book), "--time-limit", limit])
    assert f"{limit!r} is no number of seconds above 0" in capsys.readouterr().err


def test_recording_puts_the_first_cell_in(book):
    first = "```{code-cell} ipython3\n:tags: [remove-cell]\n\nold = 1\n```\n"
    (book / "small.md").write_text(HEAD + first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_cell, "TEMPLATE", "new = {version!r}\n")
        assert record.record(book / "small.md")
    for name in ("small.md", "small.ipynb"):
        assert f"new = '{rootkappa.__version__}'" in (book / name).read_text()


def test_an_unknown_chapter_is_named(book, capsys):
    with pytest.raises(SystemExit):
        record.main(["--book", str(book), "smal"])
    assert "no chapter named smal: choose from small." in capsys.readouterr().err
