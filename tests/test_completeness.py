"""An architecture, a tuning and a data set are complete with export, tests, and a name in sweeps.

Theorems have `tests/theorems/test_completeness.py`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from rootkappa import Model, architectures, datasets, optimizers
from rootkappa.datasets import synthetic
from rootkappa.optimizers import tunings
from rootkappa.sweeps import _catalogue

TESTS = Path(__file__).parent
# Made from another model that has run, so that no specification can name it.
NOT_DRAWN = {"RotatedReLU"}


def _models():
    for module in pkgutil.iter_modules(architectures.__path__, "rootkappa.architectures."):
        for entry in vars(importlib.import_module(module.name)).values():
            concrete = inspect.isclass(entry) and not inspect.isabstract(entry)
            if concrete and issubclass(entry, Model) and entry.__module__ == module.name:
                yield entry


def _functions(module):
    for name, entry in inspect.getmembers(module, inspect.isfunction):
        if entry.__module__ == module.__name__ and not name.startswith("_"):
            yield entry


def _exported(room):
    where = f"is not exported: add it to {room.__name__.replace('.', '/')}/__init__.py"
    return lambda entry: entry.__name__ in room.__all__, where


def _in_table(path, table):
    text = (TESTS / path).read_text(encoding="utf-8")
    return lambda entry: re.search(
        rf"\b{entry.__name__}\b", text
    ), f"is not tested: add it to {table} of tests/{path}"


def _in_sweeps(section, table):
    known = _catalogue.ENTRIES[section].keys() | NOT_DRAWN
    where = f"has no name in sweeps: add it to {table} of rootkappa/sweeps/_catalogue.py"
    return lambda entry: entry.__name__ in known, where


KINDS = {
    "architecture": (
        _models(),
        [
            _exported(architectures),
            _in_table("conftest.py", "MODELS"),
            _in_sweeps("model", "ENTRIES"),
        ],
    ),
    "tuning": (
        _functions(tunings),
        [
            _exported(optimizers),
            _in_table("optimizers/test_tunings.py", "FACTORS"),
            _in_sweeps("method", "_TUNINGS"),
        ],
    ),
    "made data set": (
        _functions(synthetic),
        [
            _exported(datasets),
            _in_table("datasets/test_synthetic.py", "a test"),
            _in_sweeps("data", "_MADE"),
        ],
    ),
}
ENTRIES = [
    pytest.param(entry, checks, id=entry.__name__)
    for entries, checks in KINDS.values()
    for entry in entries
]


@pytest.mark.parametrize(("entry", "checks"), ENTRIES)
def test_it_is_complete(entry, checks):
    missing = [f"{entry.__name__} {where}" for holds, where in checks if not holds(entry)]
    assert not missing, "; ".join(missing)


def test_every_kind_has_entries():
    names = {param.id for param in ENTRIES}
    assert {"DeepLinear", "Quadratic", "optimal_nesterov", "sphere"} <= names


@pytest.mark.parametrize("name", datasets.names())
def test_a_named_set_stands_in_the_docstring_that_lists_them(name):
    assert f'"{name}"' in datasets.load.__doc__, f"add {name!r} to the docstring of load"
