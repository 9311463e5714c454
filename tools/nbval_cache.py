"""Hand the chapters that nbval has executed to the book, so that one execution serves both.

A chapter is kept only if each of its cells ran in this session and passed the comparison with the
stored outputs. The book then finds it in the execution cache and executes nothing.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from nbval.plugin import IPyNbCell

from chapters import chapters, source_of
from rootkappa_sphinx.execution import ROOT, cache_folder, digest, remove_if_damaged

# Runs that imitate another processor must not end up in the book.
PORTABLE_VARIABLES = (
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
    "ROOTKAPPA_DEVICE",
    "ROOTKAPPA_ENGINE",
    "ROOTKAPPA_THREADS",
)


@dataclass
class Run:
    """The cells of one chapter that have passed so far."""

    outputs: list[list[Any]] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)


_runs: dict[Path, Run] = {}
# Read once: a library that is edited while the tests run must not receive outputs of the old one.
_state_at_start = {chapter: digest(chapter) for chapter in chapters(ROOT / "book")}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Collect the outputs of a passed cell; after a chapter's last one, store the chapter."""
    if call.when == "setup" and isinstance(item, IPyNbCell) and item.cell_num == 0:
        # The kernel has just been started: its seconds are not the chapter's.
        _runs[item.path] = Run()
    report = yield
    if call.when == "call" and isinstance(item, IPyNbCell) and report.passed:
        _collect(item)
    return report


def _collect(item: Any) -> None:
    run = _runs.get(item.path)
    if run is None:
        return  # the first cell was deselected
    run.outputs.append(item.test_outputs)
    code = [cell for cell in item.parent.nb.cells if cell.cell_type == "code"]
    # Fewer where a cell before this one has failed.
    if len(run.outputs) == len(code) and _belongs_to_the_book(item.path):
        store(item.path, run.outputs, time.perf_counter() - run.started)


def _belongs_to_the_book(notebook: Path) -> bool:
    imitates = any(name in os.environ for name in PORTABLE_VARIABLES)
    source = source_of(notebook)
    return not imitates and source in _state_at_start and digest(source) == _state_at_start[source]


def store(notebook: Path, outputs: list[list[Any]], seconds: float) -> bool:
    """Put an executed chapter into the book's cache; tell whether its source has the same cells."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn
    from myst_nb.core.read import read_myst_markdown_notebook

    source = source_of(notebook)
    # Read as the book reads it: the cache knows a chapter by exactly these cells.
    chapter = read_myst_markdown_notebook(source.read_text(encoding="utf-8"), path=source)
    cells = [cell for cell in chapter.cells if cell.cell_type == "code"]
    stored = nbformat.read(notebook, as_version=4)
    tested = [cell.source for cell in stored.cells if cell.cell_type == "code"]
    if [cell.source.strip() for cell in cells] != [text.strip() for text in tested]:
        return False
    for number, (cell, output) in enumerate(zip(cells, outputs, strict=True), start=1):
        cell.execution_count = number
        cell.outputs = nbformat.from_dict(output)
    chapter.metadata["language_info"] = {"name": "python"}
    folder = cache_folder(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    bundle = CacheBundleIn(chapter, str(source), data={"execution_seconds": seconds})
    with FileLock(folder.with_name(f"{source.stem}.lock")):
        remove_if_damaged(folder)
        get_cache(folder).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return True
