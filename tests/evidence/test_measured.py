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


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"draws": 0}, ValueError, "draws must be at least 1, got 0"),
        ({"draws": 2.5}, TypeError, "draws must be a whole number, got 2.5"),
        ({"first": -1}, ValueError, "first must be at least 0, got -1"),
    ],
)
def test_draws_are_counted(registry, options, kind, message):
    measures("made/gap")(_drawn)
    with pytest.raises(kind, match=message):
        measure("made/gap", **options)


def test_a_claim_without_a_number_of_draws_has_twenty_from_the_first_on(registry):
    measures("made/gap")(_drawn)
    assert measure("made/gap").measured["gap"] == [seed / 10 for seed in range(20)]


def test_a_chapter_may_be_loaded_twice(registry):
    measures("made/gap")(_drawn)
    measures("made/gap")(_drawn)
    assert measure("made/gap", draws=1).claim == "made/gap"


def test_a_measured_function_keeps_its_name_and_takes_what_it_took(registry):
    def exact(scale=1.0):
        """Say what it measures."""
        return Evidence({"gap": scale}, ledger.Control("planted", {"gap": 1.0}), shown={"a": 1})

    found = measures("made/exact")(exact)
    assert (found.__name__, found.__doc__) == ("exact", "Say what it measures.")
    assert found(scale=3.0).measured == {"gap": 3.0}
    assert (found().claim, found().shown) == ("made/exact", {"a": 1})


def test_evidence_settles_its_own_claim_with_all_that_it_holds():
    asked = {}

    class Book:
        def settle(self, claim, **given):
            asked.update(given, claim=claim)
            return "a record"

    control = ledger.Control("planted", {"gap": 1.0})
    evidence = Evidence({"gap": [0.0]}, control, ["a report"], {"gap": 0.5}, claim="made/gap")
    assert evidence.settle(Book()) == "a record"
    assert asked == {
        "claim": "made/gap",
        "measured": {"gap": [0.0]},
        "control": control,
        "hypotheses": ["a report"],
        "attained": {"gap": 0.5},
    }
