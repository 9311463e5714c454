"""The name of the library changes with what computes records, and with nothing else."""

from __future__ import annotations

import shutil

import pytest

import rootkappa
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


@pytest.mark.parametrize("path", ["ledger/new.py", "figures.py", "tables.py", "__main__.py"])
def test_what_shows_does_not(copied, path):
    with (copied / path).open("a") as stream:
        stream.write("# more\n")
    assert name() == _library.library()


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
