"""A theorem is complete with a test, an export and a citation."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

from rootkappa import theorems
from rootkappa.provenance import Provenance
from rootkappa.theorems import Theorem

ROOT = Path(__file__).parents[2]
PAPERS = parse_file(str(ROOT / "book/references.bib")).entries
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.rglob("test_*.py"))
    if path.name != Path(__file__).name
)


def _theorems():
    for module in pkgutil.walk_packages(theorems.__path__, "rootkappa.theorems."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue  # what several theorems share
        for name, entry in vars(importlib.import_module(module.name)).items():
            concrete = inspect.isclass(entry) and not inspect.isabstract(entry)
            if concrete and issubclass(entry, Theorem) and entry.__module__ == module.name:
                yield pytest.param(entry, id=name)


THEOREMS = list(_theorems())


def _cited(theorem):
    paper = PAPERS.get(theorem.key)
    if paper is None:
        return ""
    names = [" ".join(person.last_names) for person in paper.persons["author"]]
    authors = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{authors} ({paper.fields['year']})"


CHECKS = {
    "test": (
        lambda theorem: re.search(rf"\b{theorem.__name__}\b", TESTS),
        "has no test: name it in a file of tests/theorems",
    ),
    "export": (
        lambda theorem: (
            getattr(theorems, theorem.__name__, None) is theorem
            and theorem.__name__ in theorems.__all__
        ),
        "is not exported: add it to rootkappa/theorems/__init__.py",
    ),
    "citation": (
        _cited,
        "has no citation: give it the key of an entry of book/references.bib",
    ),
    "paper": (
        lambda theorem: theorem.paper == _cited(theorem),
        "names its paper otherwise than book/references.bib: give all authors and the year",
    ),
    "words": (
        lambda theorem: theorem.number and theorem.title and theorem.__doc__,
        "lacks a number, a title or a docstring: the {theorem} box shows them",
    ),
    "provenance": (
        lambda theorem: (
            isinstance(theorem.provenance, Provenance)
            and all(isinstance(word, Provenance) and part for word, part in theorem.parts)
        ),
        "has a provenance outside rootkappa.provenance",
    ),
    "source": (
        lambda theorem: "Source: " in theorem.__doc__,
        "does not say its source in its docstring",
    ),
}


def missing(theorem):
    """Return what a theorem lacks, a sentence each."""
    sentences = {name: sentence for name, (holds, sentence) in CHECKS.items() if not holds(theorem)}
    return {name: f"{theorem.__name__} {sentence}" for name, sentence in sentences.items()}


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_theorem_is_complete(theorem):
    assert not missing(theorem), "; ".join(missing(theorem).values())


def test_every_theorem_is_found():
    exported = {name for name in theorems.__all__ if getattr(getattr(theorems, name), "key", "")}
    assert {param.values[0].__name__ for param in THEOREMS} == exported
    # What else is public stays little, however many theorems there are.
    assert len({*theorems.__all__, *theorems.liao2024provable.__all__} - exported) <= 6


class _Forgotten(Theorem[float]):
    paper = "Nobody (2099)"
    parts = (("hearsay", "everything"),)

    def hypotheses(self, problem):
        return ()


_Forgotten.__doc__ = "It contracts."


def test_what_is_left_out_is_named():
    found = missing(_Forgotten)
    assert list(found) == list(CHECKS)
    assert found["export"] == (
        "_Forgotten is not exported: add it to rootkappa/theorems/__init__.py"
    )


@pytest.mark.parametrize(
    ("change", "cured"),
    [
        ({"__name__": "GaussianNesterov"}, "test"),
        ({"key": "du2019width"}, "citation"),
        ({"__module__": "rootkappa.theorems.du2019width"}, "api"),
        ({"number": "Theorem 1", "title": "A title"}, "words"),
        ({"parts": ()}, "provenance"),
        ({"__doc__": "It contracts.\n\nSource: ours."}, "source"),
        ({"key": "du2019width", "paper": "Du and Hu (2019)"}, "paper"),
    ],
)
def test_each_step_cures_its_own_failure(change, cured):
    name = change.pop("__name__", "_Forgotten")
    found = missing(type(name, (_Forgotten,), {"__doc__": _Forgotten.__doc__, **change}))
    assert cured not in found
    assert "export" in found
