"""A chapter's cache has another name as soon as anything has changed that its numbers depend on."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_cache import get_cache
from myst_nb.core.config import NbParserConfig
from myst_nb.core.execute.cache import NotebookClientCache
from myst_nb.core.read import read_myst_markdown_notebook

import chapters
import nbval_cache
import record
from rootkappa import devices
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

It reads `read.json`.

```{code-cell} ipython3
:tags: [hide-input]

1 + 1
```
"""


OUTPUTS = [[{"output_type": "stream", "name": "stdout", "text": "2"}]]
FILES = {
    "lib/rootkappa/a.py": "x = 1\n",
    "constraints.txt": "torch==2.13.0\n",
    "book/claims.toml": "\n".join(f'[[claim]]\nid = "{x}/a"\nkind = "bound"\n' for x in "xy"),
    "book/data/read.json": "1",
    "book/data/other.json": "1",
    "book/x.md": CHAPTER,
    "book/y.md": CHAPTER,
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def chapter(root):
    return root / "book/x.md"


CHANGES = {
    "the library": ("lib/rootkappa/a.py", "x = 1", "x = 2", True),
    "a version": ("constraints.txt", "2.13.0", "2.14.0", True),
    "a claim of its own": (
        "book/claims.toml",
        'x/a"\nkind = "bound"',
        'x/a"\nkind = "scaling"',
        True,
    ),
    "a new claim of its own": ("book/claims.toml", "y/a", "x/b", True),
    "another chapter's claim": (
        "book/claims.toml",
        'y/a"\nkind = "bound"',
        'y/a"\nkind = "s"',
        False,
    ),
    "claims that cannot be read": ("book/claims.toml", "[[claim]]", "[[claim", True),
    "data that it names": ("book/data/read.json", "1", "2", True),
    "other data": ("book/data/other.json", "1", "2", False),
    "options of its cells": ("book/x.md", "hide-input", "hide-cell", True),
    "its prose": ("book/x.md", "It reads", "It loads", False),
    "another chapter": ("book/y.md", "hide-input", "hide-cell", False),
}


@pytest.mark.parametrize(("name", "old", "new", "seen"), CHANGES.values(), ids=CHANGES)
def test_the_digest_sees_what_the_outputs_depend_on(root, chapter, name, old, new, seen):
    before = execution.digest(chapter)
    (root / name).write_text(FILES[name].replace(old, new))
    assert (execution.digest(chapter) != before) == seen


def test_the_digest_sees_a_new_and_a_renamed_file(root, chapter):
    digests = {execution.digest(chapter)}
    (root / "lib/rootkappa/b.py").write_text("")
    digests.add(execution.digest(chapter))
    (root / "lib/rootkappa/b.py").rename(root / "lib/rootkappa/c.py")
    assert len({*digests, execution.digest(chapter)}) == 3


def test_caches_of_other_states_and_of_chapters_that_are_gone_are_removed(root, chapter):
    current = execution.cache_folder(chapter)
    stale = [current.with_name("x-0123"), current.with_name("gone-0123")]
    for folder in (current, *stale):
        folder.mkdir(parents=True)
    execution.remove_stale_caches(root)
    assert list(current.parent.iterdir()) == [current]


def match(chapter):
    cache = get_cache(execution.cache_folder(chapter))
    return cache.match_cache_notebook(read_myst_markdown_notebook(CHAPTER))


def test_a_tested_chapter_is_found_by_the_book(chapter):
    assert record.record(chapter)
    outputs = [[{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}]]
    outputs[0][0]["execution_count"] = 1
    assert nbval_cache.store(chapter.with_suffix(".ipynb"), outputs, 1.5)
    assert match(chapter).data == {"execution_seconds": 1.5}


@pytest.fixture
def cached(chapter):
    """A chapter whose outputs are in the cache."""
    notebook = chapters.read_source(chapter)
    chapter.with_suffix(".ipynb").write_text(nbformat.writes(notebook))
    assert nbval_cache.store(chapter.with_suffix(".ipynb"), OUTPUTS, 1.5)
    return chapter


DAMAGES = {
    "an empty data base": ("global.db", lambda file: file.write_bytes(b"")),
    "half a data base": ("global.db", lambda file: file.write_bytes(file.read_bytes()[:5000])),
    "noise for a data base": ("global.db", lambda file: file.write_bytes(b"noise" * 999)),
    "half a notebook": ("base.ipynb", lambda file: file.write_text(file.read_text()[:99])),
    "an empty notebook": ("base.ipynb", lambda file: file.write_text("")),
    "no notebook": ("base.ipynb", lambda file: file.unlink()),
}


@pytest.mark.parametrize(("name", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_a_miss_and_can_be_filled_again(cached, name, damage):
    folder = execution.cache_folder(cached)
    execution.remove_if_damaged(folder)
    assert match(cached)
    damage(next(folder.rglob(name)))
    execution.remove_if_damaged(folder)
    with pytest.raises(KeyError):
        match(cached)
    assert nbval_cache.store(cached.with_suffix(".ipynb"), OUTPUTS, 1.5)
    assert match(cached)


def test_a_cache_that_is_not_there_is_no_damage(tmp_path):
    execution.remove_if_damaged(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("passed", "kept"),
    [((True, True, True), True), ((True, False, True), False), ((False, True, True), False)],
)
def test_a_chapter_is_kept_only_if_every_cell_has_passed(monkeypatch, passed, kept):
    stored = []
    monkeypatch.setattr(nbval_cache, "_belongs_to_the_book", lambda _: True)
    monkeypatch.setattr(nbval_cache, "store", lambda *arguments: stored.append(arguments))
    cells = [SimpleNamespace(cell_type="code")] * len(passed)
    for number, outcome in enumerate(passed):
        item = object.__new__(nbval_cache.IPyNbCell)
        item.path, item.cell_num, item.test_outputs = Path("x.ipynb"), number, [number]
        item.parent = SimpleNamespace(nb=SimpleNamespace(cells=cells))
        for when in ("setup", "call", "teardown"):
            hook = nbval_cache.pytest_runtest_makereport(item, SimpleNamespace(when=when))
            next(hook)
            with pytest.raises(StopIteration):
                hook.send(SimpleNamespace(passed=outcome or when != "call"))
    assert [outputs for _, outputs, _ in stored] == [[[0], [1], [2]]] * kept


@pytest.mark.parametrize("name", nbval_cache.PORTABLE_VARIABLES)
def test_a_run_that_imitates_another_machine_is_not_handed_over(chapter, monkeypatch, name):
    monkeypatch.setattr(nbval_cache, "_state_at_start", {chapter: execution.digest(chapter)})
    for other in nbval_cache.PORTABLE_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "1")
    assert not nbval_cache._belongs_to_the_book(chapter.with_suffix(".ipynb"))


def test_what_makes_another_machine():
    # The variables that `make test-portable` sets, and the device.
    makefile = (execution.ROOT / "Makefile").read_text(encoding="utf-8")
    portable = makefile.partition("test-portable: ")[2].partition("test-oldest")[0]
    set_there = set(re.findall(r"\b([A-Z]+_[A-Z_]+)=", portable))
    assert {"ATEN_CPU_CAPABILITY", "MKL_CBWR", "ROOTKAPPA_THREADS"} <= set_there
    known = {*nbval_cache.PORTABLE_VARIABLES, "OMP_NUM_THREADS", "MKL_NUM_THREADS"}
    assert set_there <= known
    assert devices.DEVICE_VARIABLE in nbval_cache.PORTABLE_VARIABLES


def test_a_library_that_is_edited_while_tests_run_receives_nothing(chapter, monkeypatch):
    monkeypatch.setattr(nbval_cache, "_state_at_start", {chapter: execution.digest(chapter)})
    for name in nbval_cache.PORTABLE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    notebook = chapter.with_suffix(".ipynb")
    assert nbval_cache._belongs_to_the_book(notebook)
    (chapter.parents[1] / "lib/rootkappa/a.py").write_text("x = 2")
    assert not nbval_cache._belongs_to_the_book(notebook)


def test_a_chapter_that_differs_from_its_source_is_not_handed_over(cached):
    cached.write_text(CHAPTER.replace("1 + 1", "1 + 2"))
    assert not nbval_cache.store(cached.with_suffix(".ipynb"), [[]], 1.5)


def read_by_the_book(path):
    execution.adapt_the_cache()
    chapter = read_myst_markdown_notebook(CHAPTER, add_source_map=True)
    config = NbParserConfig(execution_mode="cache", execution_cache_path="nowhere")
    with NotebookClientCache(chapter, path, config, logging.getLogger("test")):
        pass
    (cell,) = (cell for cell in chapter.cells if cell.cell_type == "code")
    return cell


def test_a_chapter_from_the_cache_is_written_with_its_outputs(cached):
    cell = read_by_the_book(cached)
    assert cell.outputs[0].text == "2"
    assert cell.metadata["tags"] == ["hide-input"]
    assert not Path("nowhere").exists()


def test_a_chapter_whose_cache_is_damaged_is_executed(cached):
    next(execution.cache_folder(cached).rglob("base.ipynb")).write_text("{")
    assert read_by_the_book(cached).outputs[0].data == {"text/plain": "2"}
    assert match(cached)
