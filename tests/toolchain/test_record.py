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


@pytest.mark.system
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


FAILING = {
    "dead": ("import os; os._exit(1)", "the kernel died in a cell, for want of memory"),
    "slow": ("import time; time.sleep(60)", "a cell took more than 4 s: shorten it"),
    "wrong": ("1 / 0", "a cell failed with ZeroDivisionError: division by zero\n"),
}


@pytest.mark.system
def test_a_chapter_that_fails_keeps_its_notebook_and_the_rest_is_recorded(book, capsys):
    for name, (code, _) in FAILING.items():
        (book / f"{name}.ipynb").write_text("earlier")
        (book / f"{name}.md").write_text(f"{HEAD}```{{code-cell}} ipython3\n{code}\n```\n")
    (book / "small.md").rename(book / "whole.md")
    assert record.main(["--book", str(book), "--time-limit", "4"]) == 1
    said = capsys.readouterr()
    for name, (_, reason) in FAILING.items():
        assert (book / f"{name}.ipynb").read_text() == "earlier"
        assert f"{name}: {reason}" in said.err
    assert said.err.endswith("not recorded: dead, slow, wrong\n")
    assert (book / "whole.ipynb").exists()
    assert said.out.startswith("whole ")


def test_a_full_disk_is_a_sentence(book, monkeypatch, capsys):
    def refuse(path, _):
        raise OSError(f"cannot write {path}")

    monkeypatch.setattr(record, "write_atomically", refuse)
    monkeypatch.setattr(record, "execute", lambda *_: None)
    monkeypatch.setattr(record, "store_form", str)
    assert record.main(["--book", str(book)]) == 1
    assert f"small: cannot write {book / 'small.ipynb'}\n" in capsys.readouterr().err


def test_it_tells_whether_outputs_have_changed(book, monkeypatch, capsys):
    monkeypatch.setattr(record, "execute", lambda *_: None)
    for form, said in (("one", "new outputs"), ("one", "unchanged"), ("two", "new outputs")):
        monkeypatch.setattr(record, "store_form", lambda _, form=form: form)
        assert record.main(["--book", str(book)]) == 0
        assert capsys.readouterr().out.endswith(f" s  {said}\n")
        assert (book / "small.ipynb").read_text() == form


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "soon"])
def test_a_time_limit_is_a_number_above_zero(book, capsys, limit):
    with pytest.raises(SystemExit):
        record.main(["--book", str(book), "--time-limit", limit])
    assert f"{limit!r} is no number of seconds above 0" in capsys.readouterr().err


@pytest.mark.system
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
