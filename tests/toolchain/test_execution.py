"""The book's cache has another name as soon as anything has changed that the numbers depend on."""

from __future__ import annotations

import logging

import pytest
from jupyter_cache import get_cache
from myst_nb.core.config import NbParserConfig
from myst_nb.core.execute.cache import NotebookClientCache
from myst_nb.core.read import read_myst_markdown_notebook

import nbval_cache
import record
from rootkappa_sphinx import execution

CHAPTER = """---
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

```{code-cell} ipython3
:tags: [hide-input]

1 + 1
```
"""


@pytest.fixture
def root(tmp_path):
    for name in ("lib/rootkappa/a.py", "book/claims.toml", "book/x.md", "constraints.txt", "n.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CHAPTER if name == "book/x.md" else "x = 1\n")
    return tmp_path


@pytest.mark.parametrize("name", ["lib/rootkappa/a.py", "book/claims.toml", "constraints.txt"])
def test_the_digest_sees_a_change(root, name):
    before = execution.digest(root)
    (root / name).write_text("x = 2\n")
    assert execution.digest(root) != before


def test_the_digest_sees_a_new_and_a_renamed_file(root):
    digests = {execution.digest(root)}
    (root / "lib/rootkappa/b.py").write_text("")
    digests.add(execution.digest(root))
    (root / "lib/rootkappa/b.py").rename(root / "lib/rootkappa/c.py")
    assert len({*digests, execution.digest(root)}) == 3


def test_the_digest_sees_options_of_cells_but_not_prose(root):
    before = execution.digest(root)
    (root / "book/x.md").write_text(CHAPTER + "\nA sentence.\n")
    assert execution.digest(root) == before
    (root / "book/x.md").write_text(CHAPTER.replace("hide-input", "hide-cell"))
    assert execution.digest(root) != before


def test_caches_of_other_states_are_removed(root):
    execution.cache_folder(root).mkdir(parents=True)
    (root / "_build/execution/0123").mkdir()
    execution.remove_stale_caches(root)
    assert list((root / "_build/execution").iterdir()) == [execution.cache_folder(root)]


def test_a_tested_chapter_is_found_by_the_book(root):
    assert record.record(root / "book/x.md")
    outputs = [[{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}]]
    outputs[0][0]["execution_count"] = 1
    assert nbval_cache.store(root / "book/x.ipynb", outputs, 1.5, root)
    cache = get_cache(execution.cache_folder(root))
    found = cache.match_cache_notebook(read_myst_markdown_notebook(CHAPTER))
    assert found.data == {"execution_seconds": 1.5}


def test_a_chapter_that_differs_from_its_source_is_not_handed_over(root):
    record.record(root / "book/x.md")
    (root / "book/x.md").write_text(CHAPTER.replace("1 + 1", "1 + 2"))
    assert not nbval_cache.store(root / "book/x.ipynb", [[]], 1.5, root)


def test_a_chapter_from_the_cache_is_written_with_its_outputs(root):
    record.record(root / "book/x.md")
    outputs = [[{"output_type": "stream", "name": "stdout", "text": "2"}]]
    assert nbval_cache.store(root / "book/x.ipynb", outputs, 1.5, root)
    execution.keep_outputs_of_cached_chapters()
    chapter = read_myst_markdown_notebook(CHAPTER, add_source_map=True)
    config = NbParserConfig(
        execution_mode="cache", execution_cache_path=str(execution.cache_folder(root))
    )
    log = logging.getLogger("test")
    with NotebookClientCache(chapter, root / "book/x.md", config, log):
        pass
    (cell,) = (cell for cell in chapter.cells if cell.cell_type == "code")
    assert cell.outputs[0].text == "2"
    assert cell.metadata["tags"] == ["hide-input"]
