"""Cells of a chapter's text: found as jupytext finds them, and replaced without another byte."""

from __future__ import annotations

import pytest

import cells
import chapters
from rootkappa_sphinx.execution import ROOT

TEXT = """# Title

```{code-cell} ipython3
:tags: [hide-input]
:name: x

a = "``` is no end"
```
```python
not_a_cell = True
```

````{code-cell}
---
tags: [a]
---
b = 2

c = 3
````

```{code-cell} ipython3
```
"""


def test_cells_have_their_options_code_and_lines():
    first, second, third = cells.code_cells(TEXT)
    assert first.options == ":tags: [hide-input]\n:name: x\n"
    assert first.source == 'a = "``` is no end"\n'
    assert (second.options, second.source) == ("---\ntags: [a]\n---\n", "b = 2\n\nc = 3\n")
    assert (third.options, third.source) == ("", "")
    lines = TEXT.splitlines()
    assert lines[first.line - 1].startswith("a = ")
    assert lines[second.line - 1] == "b = 2"


def test_other_code_leaves_every_other_byte():
    assert cells.with_sources(TEXT, [cell.source for cell in cells.code_cells(TEXT)]) == TEXT
    changed = cells.with_sources(TEXT, ["a = 1\n", "b\n", "d = 4\n"])
    assert [cell.source for cell in cells.code_cells(changed)] == ["a = 1\n", "b\n", "d = 4\n"]
    assert [cell.options for cell in cells.code_cells(changed)] == [
        cell.options for cell in cells.code_cells(TEXT)
    ]


@pytest.mark.parametrize("path", chapters.chapters(ROOT / "book"), ids=lambda path: path.stem)
def test_jupytext_finds_the_same_cells(path):
    found = cells.code_cells(path.read_text(encoding="utf-8"))
    read = [cell for cell in chapters.read_source(path).cells if cell.cell_type == "code"]
    assert [cell.source.strip() for cell in found] == [cell.source.strip() for cell in read]
