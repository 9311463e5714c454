"""A claim measured again beside its published verdict."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from rootkappa import evidence, ledger
from rootkappa.evidence import afresh
from rootkappa.ledger.claims import Population

CLAIM = "quadratics/hb-power-constant"


def test_the_claim_of_a_wheel_is_measured_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = evidence.settle_afresh(CLAIM)
    assert found.agrees
    assert found.verdict == str(found.record.verdict) == "tight"
    assert found.record.draws.trials == 20
    assert str(found) == "published  tight, as here"


def _publish(monkeypatch, verdict="tight", **entered):
    book = ledger.published()
    record = {**book.records[CLAIM], "verdict": verdict}
    claims = {CLAIM: replace(book.claims[CLAIM], **entered)}
    monkeypatch.setattr(afresh, "published", lambda: ledger.Book(claims, {CLAIM: record}, ()))


def test_another_verdict_is_said(monkeypatch):
    _publish(monkeypatch, "contradicted")
    found = evidence.settle_afresh(CLAIM)
    assert not found.agrees
    assert str(found) == "published  contradicted, not as here"


def test_a_claim_of_another_version_is_not_compared(monkeypatch):
    _publish(monkeypatch, statement="It was something else.")
    found = evidence.settle_afresh(CLAIM)
    assert not found.agrees
    assert "for another wording or other intervals of this claim" in str(found)


def test_a_new_claim_of_a_checkout_has_no_verdict_yet(monkeypatch):
    monkeypatch.setattr(afresh, "published", lambda: ledger.Book({}, {}, ()))
    assert evidence.settle_afresh(CLAIM).verdict == "missing"


def test_an_unknown_claim_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"no claim 'quadratics/gd-radus': did you mean 'quadr"):
        evidence.settle_afresh("quadratics/gd-radus")


PILOTED = Population("spectra", 35, (0.8, 1.0), 24)


@pytest.mark.parametrize(
    ("population", "asked", "draws"),
    [
        (None, (None, None), (20, 0)),
        (PILOTED, (None, None), (35, 24)),
        (replace(PILOTED, first=0), (None, None), (35, 0)),
        (PILOTED, (7, 0), (7, 0)),
        (PILOTED, (None, 3), (35, 3)),
        (None, (3, 9), (3, 9)),
    ],
    ids=["twenty", "after the pilot", "from the first", "as is said", "from another", "a few"],
)
def test_the_draws_that_the_claim_asks_for(population, asked, draws):
    claim = replace(ledger.published().claims[CLAIM], population=population)
    assert afresh._asked(claim, *asked) == draws


def test_what_is_asked_for_is_what_is_measured(monkeypatch):
    asked = []

    def measured(claim, draws, first):
        asked.append((claim, draws, first))
        raise ValueError("measured nothing")

    monkeypatch.setattr(afresh, "measure", measured)
    for options in ({}, {"draws": 40, "first": 100}):
        with pytest.raises(ValueError, match="measured nothing"):
            evidence.settle_afresh(CLAIM, **options)
    assert asked == [(CLAIM, 20, 0), (CLAIM, 40, 100)]


@pytest.mark.parametrize(
    ("verdict", "published", "changed", "agrees"),
    [
        ("tight", "tight", False, True),
        ("tight", "holds", False, False),
        ("tight", "tight", True, False),
        ("holds", "missing", True, False),
    ],
)
def test_only_the_same_verdict_on_the_same_claim_agrees(verdict, published, changed, agrees):
    found = afresh.Afresh(SimpleNamespace(verdict=verdict), published, changed)
    assert found.agrees is agrees
    assert str(found).startswith(f"published  {published}, ")
    assert ("another wording" in str(found)) is changed
