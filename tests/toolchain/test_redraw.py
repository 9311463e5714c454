"""A tiny book on other draws: what comes out otherwise is named."""

from __future__ import annotations

import nbformat
import pytest

import redraw
from rootkappa import draws, ledger

CLAIMS = """
[chapters]
tiny = "Tiny"

[[claim]]
id = "tiny/steady"
paper = "ours"
source = "derived"
kind = "bound"
statement = "A draw is below 10."
predicted = "at most 10"
control = "100 more"
accept = { size = [0, 10] }

[[claim]]
id = "tiny/lucky"
paper = "ours"
source = "derived"
kind = "equality"
statement = "Every draw is the first one."
predicted = "0"
control = "1 more"
accept = { gap = [0, 1e-9] }
"""
PAGE = """---
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

# Tiny

```{code-cell} ipython3
from rootkappa import draws, ledger

book = ledger.open_chapter("tiny")
drawn = abs(float(draws.normal((1,), draws.generator(0))))
control = ledger.Control("100 more", {"size": drawn + 100})
book.settle("tiny/steady", measured={"size": drawn}, control=control)
```

```{code-cell} ipython3
gap = abs(drawn - FIRST)
control = ledger.Control("1 more", {"gap": gap + 1})
book.settle("tiny/lucky", measured={"gap": gap}, control=control)
```
"""


@pytest.fixture
def book(tmp_path):
    """The page and what recording it stores."""
    first = abs(float(draws.normal((1,), draws.generator(0))))
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "tiny.md").write_text(PAGE.replace("FIRST", repr(first)), encoding="utf-8")
    chapter = ledger.open_chapter("tiny", tmp_path / "claims.toml")
    cells = []
    for slug, name, value, more in (("steady", "size", first, 100), ("lucky", "gap", 0.0, 1)):
        control = ledger.Control(f"{more} more", {name: value + more})
        settled = chapter.settle(f"tiny/{slug}", measured={name: value}, control=control)
        output = nbformat.v4.new_output("display_data", {settled.MIME: settled.to_dict()})
        cells.append(nbformat.v4.new_code_cell("book.settle(...)", outputs=[output]))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tiny.ipynb")
    return tmp_path


@pytest.mark.system
def test_what_comes_out_otherwise_is_named(book, capsys):
    capsys.readouterr()
    assert redraw.main(["2", "--book", str(book)]) == 1
    assert capsys.readouterr().out == "tiny/lucky: tight -> contradicted\ntiny: done\n"


def test_the_same_outputs_are_no_change_and_a_failed_cell_is_one(book, monkeypatch, capsys):
    stored = nbformat.read(book / "tiny.ipynb", 4)
    monkeypatch.setattr(redraw, "redraw", lambda path, shift: stored)
    capsys.readouterr()
    assert redraw.main(["0", "--book", str(book)]) == 0
    assert capsys.readouterr().out == "tiny: done\n"
    message = "claim 'tiny/lucky': the control passes"
    stored.cells[-1].outputs = [
        nbformat.v4.new_output("error", ename="ValueError", evalue=message, traceback=[])
    ]
    assert redraw.main(["0", "--book", str(book)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "tiny/lucky: tight -> not settled: its control passed, or a cell failed",
        f"ValueError: {message}",
        "tiny: done",
    ]


def test_an_unknown_chapter_is_named(capsys):
    with pytest.raises(SystemExit, match="2"):
        redraw.main(["1", "none-such"])
    assert "no chapter named none-such: choose from" in capsys.readouterr().err
