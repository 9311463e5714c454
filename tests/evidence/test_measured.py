"""A claim's measurement is found by its id, is given its draws, and settles the claim."""

from __future__ import annotations

from importlib import import_module

import pytest

from rootkappa import evidence, ledger
from rootkappa.evidence import measured
from rootkappa.evidence.measured import Evidence, measure, measures


@pytest.fixture
def registry(monkeypatch):
    """Functions of this test alone; a chapter that it names registers its own before."""
    import_module("rootkappa.evidence.quadratics")
    monkeypatch.setattr(measured, "_FOUND", {})


def _drawn(seeds):
    values = [seed / 10 for seed in seeds]
    return Evidence({"gap": values}, ledger.Control("doubled", {"gap": [9.0] * len(values)}))


def test_a_function_that_draws_is_given_its_seeds(registry):
    measures("made/gap")(_drawn)
    found = measure("made/gap", draws=3, first=5)
    assert found.claim == "made/gap"
    assert found.measured["gap"] == [0.5, 0.6, 0.7]


def test_a_function_without_draws_is_just_called(registry):
    def exact():
        return Evidence({"gap": 0.0}, ledger.Control("planted", {"gap": 1.0}))

    measures("made/exact")(exact)
    assert measure("made/exact").measured == {"gap": 0.0}


def test_one_function_a_claim(registry):
    measures("made/gap")(_drawn)
    with pytest.raises(ValueError, match=r"'made/gap' is measured by _drawn and other: keep one"):
        measures("made/gap")(_named("other"))


def _named(name):
    def function(seeds):
        return _drawn(seeds)

    function.__name__ = function.__qualname__ = name
    return function


@pytest.mark.parametrize("claim", ["made/gap", "quadratics/none-such", "no chapter", ""])
def test_an_unknown_claim_is_named(registry, claim):
    with pytest.raises(ValueError, match=f"no function measures claim '{claim}': "):
        measure(claim)


def test_the_room_is_what_it_says():
    assert set(evidence.__all__) == {"measure", "settle_afresh"}
