"""The name of the library changes with what computes records, and with nothing else."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest

import rootkappa
from rootkappa import devices
from rootkappa.sweeps import _library


@pytest.fixture
def copied(tmp_path, monkeypatch):
    package = tmp_path / "rootkappa"
    shutil.copytree(_library._PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_library, "_PACKAGE", package)
    return package


def name():
    return _library.library.__wrapped__()


def test_a_copy_has_the_same_name(copied):
    assert name() == _library.library()
    assert name().startswith(f"{rootkappa.__version__}+")


@pytest.mark.parametrize("path", ["training/loop.py", "sweeps/chunk.py", "rates/new.py"])
def test_what_computes_changes_the_name(copied, path):
    with (copied / path).open("a") as stream:
        stream.write("# more\n")
    assert name() != _library.library()


@pytest.mark.parametrize("part", _library._ABOVE)
def test_what_shows_does_not(copied, part):
    path = copied / part
    with (path / "__init__.py" if path.is_dir() else path).open("r+") as stream:
        stream.write("# more\n")
    assert name() == _library.library()


def _imported(path):
    """The parts of the library that a file names in its imports, wherever they stand."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "rootkappa":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rootkappa."):
            yield node.module.split(".")[1]


def test_no_record_comes_from_what_is_left_out():
    reached, left = set(), {"sweeps"}
    while left:
        part = left.pop()
        reached.add(part)
        folder = _library._PACKAGE / part
        files = folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
        left |= {name for path in files if path.exists() for name in _imported(path)} - reached
    assert {"training", "rates", "problems"} <= reached
    assert not reached & {Path(part).stem for part in _library._ABOVE}


def test_another_torch_is_another_library(monkeypatch):
    monkeypatch.setattr(_library.torch, "__version__", "0")
    assert name() != _library.library()


def test_with_other_kernels_it_is_another_library(monkeypatch):
    monkeypatch.setattr(_library.devices, "kernels", lambda: "not installed")
    assert name() != _library.library()


def test_so_it_is_with_another_engine(monkeypatch):
    monkeypatch.delenv("ROOTKAPPA_ENGINE", raising=False)
    before = name()
    monkeypatch.setenv("ROOTKAPPA_ENGINE", "torch")
    assert name() != before


def test_another_numpy_is_another_library(monkeypatch):
    monkeypatch.setattr(_library.np, "__version__", "0")
    assert name() != _library.library()


def test_an_engine_by_its_default_is_the_same_library(monkeypatch):
    monkeypatch.delenv("ROOTKAPPA_ENGINE", raising=False)
    before = name()
    monkeypatch.setenv("ROOTKAPPA_ENGINE", "auto")
    assert name() == before


def test_a_file_that_moves_changes_the_name(copied):
    (copied / "training" / "loop.py").rename(copied / "training" / "loops.py")
    assert name() != _library.library()


def test_files_of_other_kinds_are_no_sources(copied):
    (copied / "training" / "notes.txt").write_text("more")
    assert name() == _library.library()


def test_a_name_is_a_version_and_a_digest_and_is_read_once():
    assert re.fullmatch(re.escape(rootkappa.__version__) + r"\+[0-9a-f]{16}", name())
    assert _library.library() is _library.library()


def test_the_environment_is_the_stamp_of_devices():
    assert json.loads(_library.environment()) == dict(devices.environment())
    assert _library.environment() is _library.environment()
