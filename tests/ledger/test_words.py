"""The words that cards and the ledger page share."""

from dataclasses import replace

import pytest

from rootkappa.ledger import Binomial, Claim
from rootkappa.ledger._words import (
    badge,
    binomial,
    breaks,
    card,
    control,
    failure,
    label,
    lines,
    measured,
    population,
    prediction,
    rows,
    share,
    slack,
)
from rootkappa.ledger.claims import Population


def test_only_what_lies_outside_made_the_control_fail():
    entries = {
        "a": {"inside": True, "text": "1", "accept": [0, 1]},
        "much_more": {"inside": False, "text": "3", "accept": [None, 2]},
        "all_draws": {"inside": 20, "draws": 20, "text": "1", "accept": [0, 1]},
        "some_draws": {"inside": 1, "draws": 20, "text": "2", "accept": [0, 1]},
    }
    told = {"what": "a step", "breaks": None, "measured": entries, "draws": None}
    told["failed"] = failure(entries)
    assert control(CLAIM, {"control": told}).split("\n") == [
        "a step",
        "Much more: 3 (accepted: at most 2)",
        "Some draws: 2 (accepted: 0 to 1)",
    ]


def test_a_quantity_is_called_what_its_claim_calls_it():
    named = replace(CLAIM, names={"x_y": r"$x/y$ at last"})
    assert label(CLAIM, "x_y") == "X y"
    assert measured(named, STORED["attained"]) == "$x/y$ at last: 0.5 (accepted: 0 to 1)"


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
    assert lines("a < 1\nb") == "<div>a &lt; 1</div><div>b</div>"
    assert lines("a < 1") == "a &lt; 1"


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


CLAIM = Claim(
    "a/b",
    "ours",
    "derived",
    "bound",
    "It falls.",
    "at most 1",
    "a step",
    {"x_y": (0, 1)},
    population=Population("data", 20, (0.8, 1)),
    nontrivial="step 20",
    prediction="derived",
    second="tests/a.py::test_b",
)
TWENTY = binomial(Binomial(20, 20))
STORED = {
    "verdict": "tight",
    "measured": {"x_y": {"inside": 20, "draws": 20, "text": "0.9", "accept": [0, 1]}},
    "attained": {"x_y": {"inside": True, "text": "0.5", "accept": [0, 1]}},
    "slack": 1.25,
    "population": {**TWENTY, "of": "data"},
    "hypotheses": {"checked": 20, "met": 20, "unmet": {}},
    "control": {
        "what": "a larger step",
        "breaks": "the step size",
        "measured": {
            "x_y": {"inside": 0, "draws": 20, "text": "3", "accept": [0, 1]},
            "z": {"inside": False, "text": "2", "accept": [0, 1]},
        },
        "failed": ["x_y", "z"],
        "draws": binomial(Binomial(19, 20)),
    },
}


def test_a_card_says_all_that_is_known():
    found = dict(rows(CLAIM, STORED))
    assert list(found) == [
        "verdict",
        "statement",
        "predicted",
        "measured",
        "attained",
        "room",
        "population",
        "hypotheses",
        "control",
        "second check",
    ]
    assert found["verdict"] == "tight"
    assert found["statement"] == "It falls."
    assert found["predicted"] == "at most 1\nderived: computed in the chapter from a formula"
    assert found["measured"] == "X y: 0.9 (accepted: 0 to 1)"
    assert found["attained"] == "X y: 0.5 (accepted: 0 to 1)"
    assert found["room"] == "a factor 1.25 from the nearest limit, where step 20"
    assert found["population"].startswith("holds in 20 of 20 (95 % interval 0.832 to 1) draws of")
    assert "20" in found["hypotheses"]
    assert found["second check"] == "tests/a.py::test_b"


def test_a_card_leaves_out_what_there_is_nothing_to_say_of():
    plain = replace(CLAIM, population=None, nontrivial=None, prediction=None, second=None)
    told = {**STORED, "attained": {}, "slack": None, "population": None}
    found = dict(rows(plain, told))
    assert list(found) == [
        "verdict",
        "statement",
        "predicted",
        "measured",
        "hypotheses",
        "control",
    ]
    assert found["predicted"] == "at most 1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ["breaks: the step size", "X y: 3 (accepted: 0 to 1)", "Z: 2 (accepted: 0 to 1)",
              "failed in 19 of 20 (95 % interval 0.751 to 0.999) draws"]),
        ({"draws": None}, ["breaks: the step size", "X y: 3 (accepted: 0 to 1)",
                           "Z: 2 (accepted: 0 to 1)"]),
        ({"draws": None, "breaks": None, "failed": []}, []),
        ({"draws": None, "breaks": "formula", "failed": []},
         ["a mistake planted in the formula"]),
    ],
)  # fmt: skip
def test_a_control_in_words(change, said):
    told = {"control": STORED["control"] | change}
    assert control(CLAIM, told).split("\n") == ["a larger step", *said]


@pytest.mark.parametrize(
    ("nontrivial", "factor", "said"),
    [
        (None, None, ""),
        ("step 20", None, ""),
        (None, 2.0, "a factor 2 from the nearest limit"),
        ("step 20", 1.5, "a factor 1.5 from the nearest limit, where step 20"),
    ],
)
def test_room_in_words(nontrivial, factor, said):
    assert slack(replace(CLAIM, nontrivial=nontrivial), {"slack": factor}) == said


def test_a_card_names_its_claim_once_and_leads_to_the_ledger():
    claim = replace(CLAIM, statement="It falls <b>.")
    html = card(claim, STORED, "../ledger.html")
    assert html.startswith('<div class="rk-record rk-record-tight" id="a-b"><p class="rk-head">')
    assert html.count("It falls &lt;b&gt;.") == 1
    assert html.count(">tight</span>") == 1
    assert '<th scope="row">verdict</th>' not in html
    assert '<th scope="row">predicted</th>' in html
    assert '<a href="../ledger.html#a-b">in the ledger</a>' in html
    assert "in the ledger" not in card(claim, STORED)
