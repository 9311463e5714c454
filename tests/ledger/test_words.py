"""The words that cards and the ledger page share."""

from dataclasses import replace

import pytest

from rootkappa.ledger import Binomial, Claim
from rootkappa.ledger._words import (
    badge,
    binomial,
    breaks,
    failure,
    lines,
    population,
    prediction,
    share,
)
from rootkappa.ledger.claims import Population


def test_only_what_lies_outside_made_the_control_fail():
    entries = {
        "a": {"inside": True, "text": "1", "accept": [0, 1]},
        "much_more": {"inside": False, "text": "3", "accept": [None, 2]},
        "all_draws": {"inside": 20, "draws": 20, "text": "1", "accept": [0, 1]},
        "some_draws": {"inside": 1, "draws": 20, "text": "2", "accept": [0, 1]},
    }
    assert (
        failure(entries) == "much more: 3 (accepted: at most 2); some draws: 2 (accepted: 0 to 1)"
    )


def test_counts_in_words():
    assert share(binomial(Binomial(19, 20))) == "19 of 20 (95 % interval 0.751 to 0.999)"


def test_a_population_in_words():
    once = Claim("a/b", "ours", "derived", "bound", "s", "p", "c")
    drawn = replace(once, population=Population("data", 20, (0.8, 1)))
    told = {**binomial(Binomial(19, 20)), "of": "data"}
    assert population(drawn, {"population": told}) == (
        "holds in 19 of 20 (95 % interval 0.751 to 0.999) draws of data (accepted share: 0.8 to 1)"
    )
    assert population(once, {"population": told}) == ""
    assert population(drawn, {"population": None}) == ""


@pytest.mark.parametrize("verdict", ["open", "tight", "fails outside its hypotheses"])
def test_a_badge_says_its_verdict(verdict):
    assert f">{verdict}</span>" in badge(verdict)


def test_lines_are_typeset_and_escaped():
    assert lines("kappa < 1\nsqrt beta") == "κ &lt; 1<br>√β"


@pytest.mark.parametrize(
    ("kind", "page", "text"),
    [
        (None, None, ""),
        ("derived", None, "derived: computed in the chapter from a formula"),
        ("printed", "p. 4", "printed in the paper, p. 4"),
        ("piloted", None, "piloted: measured before, on other draws"),
    ],
)
def test_where_a_prediction_comes_from(kind, page, text):
    claim = Claim("a/b", "ours", "derived", "bound", "s", "p", "c", prediction=kind, page=page)
    assert prediction(claim) == text


def test_what_a_control_breaks():
    assert breaks("width") == "breaks: width"
    assert breaks("formula") == "a mistake planted in the formula"
