"""A claim measured again beside its published verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rootkappa import evidence, ledger
from rootkappa.evidence import afresh

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
