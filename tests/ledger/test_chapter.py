"""Settling claims in a chapter, and everything that is refused there."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import ledger

CLAIMS = r"""
[chapters]
quadratics = "Quadratics"
later = "Later"

[[claim]]
id = "quadratics/gd-radius"
paper = "classical"
source = "derived"
kind = "bound"
statement = 'Contracts by $1-1/\kappa$ <b>.'
predicted = '$1-1/\kappa$'
control = "a larger step"
accept = { ratio = [0, 1], deviation = [0, 1e-12] }

[[claim]]
id = "quadratics/open"
paper = "ours"
source = "derived"
kind = "observation"
statement = "It will come."
predicted = "something"
control = "something else"

[[claim]]
id = "later/claim"
paper = "ours"
source = "derived"
kind = "observation"
statement = "It comes later."
predicted = "something"
control = "something else"
accept = { share = [0.9, 1] }

[[claim]]
id = "later/drawn"
paper = "ours"
source = "derived"
kind = "bound"
statement = "It holds for most draws."
predicted = "something"
prediction = "printed"
page = "p. 7"
control = "a narrow network"
breaks = "width"
second = "tests/test_it.py::test_it"
nontrivial = "t >= kappa"
population = { of = "data and weights", draws = 20, share = [0.8, 1] }
accept = { ratio = [0, 1], exponent = [0.45, 0.55] }
"""
MET = SimpleNamespace(holds=True, unmet=())
NARROW = SimpleNamespace(holds=False, unmet=("width",))
NAME = "quadratics/gd-radius"
GOOD = {"ratio": 0.2, "deviation": 3e-16}
CONTROL = ledger.Control("step $2.1/L$", {"ratio": 7.0})


@pytest.fixture
def book(tmp_path, monkeypatch):
    (tmp_path / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return ledger.open_chapter("quadratics")


def test_a_settled_claim(book):
    assert book.missing == (NAME,)
    record = book.settle(NAME, measured=GOOD, control=CONTROL)
    assert record.verdict is ledger.Verdict.HOLDS
    assert record.slack == pytest.approx(5)
    assert book.missing == ()
    assert str(record).splitlines() == [
        "claim       quadratics/gd-radius",
        "verdict     holds",
        "statement   Contracts by 1-1/κ <b>.",
        "predicted   1-1/κ",
        "measured    Ratio: 0.2 (accepted: 0 to 1)",
        "            Deviation: below 1e-12 (accepted: 0 to 1e-12)",
        "room        a factor 5 from the nearest limit",
        "hypotheses  none assumed",
        "control     step 2.1/L",
        "            Ratio: 7 (accepted: 0 to 1)",
    ]


def test_a_notebook_gets_text_card_and_record(book):
    record = book.settle(NAME, measured=GOOD, control=CONTROL)
    bundle = record._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", ledger.Record.MIME}
    assert 'id="quadratics-gd-radius"' in bundle["text/html"]
    assert 'class="rk-verdict rk-verdict-holds"' in bundle["text/html"]
    assert r"\(1-1/\kappa\)</span> &lt;b&gt;" in bundle["text/html"]
    data = bundle[ledger.Record.MIME]
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["digest"] == book.claims[NAME].digest
    assert data["slack"] == 5.0
    assert data["population"] is None


def test_settling_again_replaces(book):
    book.settle(NAME, measured=GOOD, control=CONTROL)
    book.settle(NAME, measured=GOOD | {"ratio": 2.0}, control=CONTROL)
    assert book.records[NAME].verdict is ledger.Verdict.CONTRADICTED


@pytest.mark.parametrize("reports", [NARROW, [NARROW], (NARROW, [NARROW])])
def test_a_report_that_fails_is_beyond(book, reports):
    record = book.settle(NAME, measured=GOOD, control=CONTROL, hypotheses=reports)
    assert set(record.hypotheses.unmet) == {"width"}
    assert record.verdict is ledger.Verdict.BEYOND


def test_a_share_of_runs_is_as_fine_as_the_number_of_runs(tmp_path, book):
    later = ledger.open_chapter("later", tmp_path / "claims.toml")
    control = ledger.Control("narrow", {"share": 0.1})
    verdicts = [
        later.settle("later/claim", measured={"share": share}, control=control).verdict
        for share in (ledger.Binomial(5, 5), ledger.Binomial(100, 100))
    ]
    assert verdicts == [ledger.Verdict.UNSETTLED, ledger.Verdict.HOLDS]


DRAWN = "later/drawn"
WIDE = ledger.Control("width 16", {"ratio": [3.0] * 19 + [0.5]})


@pytest.fixture
def later(tmp_path, book):
    return ledger.open_chapter("later", tmp_path / "claims.toml")


def test_a_population(later):
    ratios = np.linspace(0.5, 0.9, 20)
    record = later.settle(
        DRAWN,
        measured={"ratio": torch.tensor(ratios), "exponent": (0.5, (0.48, 0.52))},
        attained={"ratio": 0.5 * ratios},
        hypotheses=[MET] * 19 + [NARROW],
        control=WIDE,
    )
    assert record.verdict is ledger.Verdict.HOLDS
    assert str(record).splitlines()[3:] == [
        "predicted     something",
        "              printed in the paper, p. 7",
        "measured      Ratio: 0.7 (0.5 to 0.9), inside in 20 of 20 draws (accepted: 0 to 1)",
        "              Exponent: 0.5 (0.48 to 0.52) (accepted: 0.45 to 0.55)",
        "attained      Ratio: 0.35 (0.25 to 0.45), inside in 20 of 20 draws (accepted: 0 to 1)",
        "room          a factor 2.86 from the nearest limit, where t >= kappa",
        "population    holds in 20 of 20 (95 % interval 0.832 to 1) draws of data and weights "
        "(accepted share: 0.8 to 1)",
        "hypotheses    met in 19 of 20 draws, not met: width (1)",
        "control       width 16",
        "              breaks: width",
        "              Ratio: 3 (0.5 to 3), inside in 1 of 20 draws (accepted: 0 to 1)",
        "              failed in 19 of 20 (95 % interval 0.751 to 0.999) draws",
        "second check  tests/test_it.py::test_it",
    ]
    data = record.to_dict()
    assert data["population"] == {
        "of": "data and weights",
        "successes": 20,
        "trials": 20,
        "interval": [0.832, 1.0],
    }
    assert data["control"]["breaks"] == "width"
    assert data["hypotheses"] == {"checked": 20, "met": 19, "unmet": {"width": 1}}
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_a_draw_fails_by_any_of_its_quantities(later):
    measured = {"ratio": [0.5] * 10 + [2.0] * 10, "exponent": [0.9] * 10 + [0.5] * 10}
    record = later.settle(DRAWN, measured=measured, attained={"ratio": 0.1}, control=WIDE_ALL)
    assert record.draws == ledger.Binomial(0, 20)
    assert record.verdict is ledger.Verdict.CONTRADICTED


WIDE_ALL = ledger.Control("width 16", {"ratio": [3.0] * 20, "exponent": [0.0] * 20})
DRAWS = {"ratio": [0.5] * 20, "exponent": 0.5}
LATE = {"ratio": 0.2}
POPULATIONS = {
    "one draw": (
        {"measured": {"ratio": 0.5, "exponent": 0.5}},
        "speaks of at least 20 draws of data",
    ),
    "few draws": (
        {"measured": DRAWS | {"ratio": [0.5] * 5}},
        "ratio has 5 draws, and the claim spea",
    ),
    "few of a share": (
        {"measured": DRAWS | {"exponent": ledger.Binomial(3, 3)}},
        "exponent has 3 draws",
    ),
    "unequal": (
        {"measured": {"ratio": [0.5] * 20, "exponent": [0.5] * 21}},
        "has ratio on 20, exponent on 21 draws: measure all on the same",
    ),
    "nan": ({"measured": DRAWS | {"ratio": [math.nan] * 20}}, "measured ratio is NaN"),
    "control once": (
        {"control": ledger.Control("w", {"ratio": 3.0})},
        "the control measures ratio once, the claim on every draw",
    ),
    "control on few": (
        {"control": ledger.Control("w", {"ratio": [3.0] * 5})},
        "control 'w' has 5 draws: draw as many",
    ),
    "control passes": (
        {"control": ledger.Control("w", {"ratio": [3.0] * 18 + [0.5] * 2})},
        "'w' passes the check .in 2 of 20 draws.*no control",
    ),
    "reports": ({"hypotheses": [MET] * 3}, "has 3 reports for 20 draws"),
    "not attained": (
        {"attained": None},
        "attained is missing: measure the bound at t >= kappa too",
    ),
    "attained elsewhere": ({"attained": {"rate": 1.0}}, "attained has the unknown quantity 'rate'"),
}


@pytest.mark.parametrize(("changes", "message"), POPULATIONS.values(), ids=POPULATIONS)
def test_what_is_no_population(later, changes, message):
    sound = {"measured": DRAWS, "control": WIDE, "attained": LATE}
    later.settle(DRAWN, **sound)
    with pytest.raises(ValueError, match=message):
        later.settle(DRAWN, **(sound | changes))


@pytest.mark.parametrize("draws", [["0.5"] * 20, [True] * 20, np.ones(20, dtype=bool), [None] * 20])
def test_draws_are_numbers(later, draws):
    with pytest.raises(TypeError, match=r"measured ratio, one number a draw: .* is no number"):
        later.settle(DRAWN, measured=DRAWS | {"ratio": draws}, attained=LATE, control=WIDE)


def test_draws_of_a_claim_without_a_population(book):
    with pytest.raises(ValueError, match="the claim speaks of no population: enter population = "):
        book.settle(NAME, measured=GOOD | {"ratio": [0.2] * 20}, control=CONTROL)
    with pytest.raises(ValueError, match="does not say where the bound is not trivial: enter"):
        book.settle(NAME, measured=GOOD, attained={"ratio": 0.1}, control=CONTROL)


REFUSED = {
    "unknown claim": (
        ("quadratics/gd-radios", GOOD, CONTROL),
        "unknown claim 'quadratics/gd-radios' .*did you mean 'quadratics/gd-radius'",
    ),
    "another chapter": (("later/claim", GOOD, CONTROL), "unknown claim 'later/claim' in chapter"),
    "open claim": (("quadratics/open", GOOD, CONTROL), "is open: fix its intervals"),
    "misspelt quantity": (
        (NAME, {"ratios": 0.2, "deviation": 0.0}, CONTROL),
        "unknown quantity 'ratios': did you mean 'ratio'",
    ),
    "lacking quantity": ((NAME, {"ratio": 0.2}, CONTROL), "measured lacks deviation"),
    "control passes": (
        (NAME, GOOD, ledger.Control("the same step", {"ratio": 0.3})),
        "'the same step' passes the check .ratio = 0.3.*does not fail is no control",
    ),
    "empty control": ((NAME, GOOD, ledger.Control("nothing", {})), "the control is empty"),
    "control of something else": (
        (NAME, GOOD, ledger.Control("other", {"rates": 7.0})),
        "control has the unknown quantity 'rates'",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(book, arguments, message):
    name, measured, control = arguments
    with pytest.raises(ValueError, match=message):
        book.settle(name, measured=measured, control=control)
    assert book.records == {}


@pytest.mark.parametrize("value", ["0.5", True, np.True_, None, 1j, (0.5,), [], {}])
def test_what_is_no_number(book, value):
    with pytest.raises(TypeError, match=rf"'{NAME}': measured ratio: .* is no number: give one"):
        book.settle(NAME, measured=GOOD | {"ratio": value}, control=CONTROL)
    with pytest.raises(TypeError, match="is no number"):
        book.settle(NAME, measured=GOOD, control=ledger.Control("other", {"ratio": value}))


@pytest.mark.parametrize("value", [math.nan, np.float32("nan"), torch.tensor(math.nan)])
def test_a_measurement_that_is_nan_says_nothing(book, value):
    with pytest.raises(ValueError, match=r"measured ratio is NaN.*write infinity for a run that"):
        book.settle(NAME, measured=GOOD | {"ratio": value}, control=CONTROL)


def test_a_value_lies_in_its_own_interval(book):
    with pytest.raises(ValueError, match=rf"'{NAME}': measured ratio: the value 0.5 lies outside"):
        book.settle(NAME, measured=GOOD | {"ratio": (0.5, (0.6, 0.7))}, control=CONTROL)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measured": None}, "measured is None: give a dictionary of ratio, deviation"),
        ({"measured": [0.2, 0.0]}, "give a dictionary of ratio, deviation"),
        ({"control": None}, r"has no control, got None: give ledger\.Control"),
        ({"control": {"ratio": 7.0}}, r"give ledger\.Control"),
        ({"control": ledger.Control("other", 7.0)}, "control is 7.0: give a dictionary"),
        ({"hypotheses": True}, "hypotheses holds True: give what the theorem's check returned"),
        ({"hypotheses": ["width"]}, "hypotheses holds 'width'"),
    ],
)
def test_arguments_of_another_kind(book, changes, message):
    with pytest.raises(TypeError, match=message):
        book.settle(NAME, **({"measured": GOOD, "control": CONTROL} | changes))


@pytest.mark.parametrize("name", [None, 3, ["quadratics/gd-radius"]])
def test_an_id_that_is_no_word(book, name):
    with pytest.raises(ValueError, match="unknown claim"):
        book.settle(name, measured=GOOD, control=CONTROL)


def test_a_control_that_diverges_has_failed(book):
    control = ledger.Control("diverges", {"ratio": math.nan})
    record = book.settle(NAME, measured=GOOD, control=control)
    assert "Ratio: not finite (accepted: 0 to 1)" in str(record)


def test_an_unknown_chapter(book):
    with pytest.raises(ValueError, match="chapter 'quadratic': did you mean 'quadratics'"):
        ledger.open_chapter("quadratic")
    with pytest.raises(ValueError, match="chapter None: use one of quadratics, later"):
        ledger.open_chapter(None)


def test_claims_are_found_from_the_root_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/claims.toml").write_text(CLAIMS, encoding="utf-8")
    (tmp_path / "benchmarks").mkdir()
    monkeypatch.chdir(tmp_path / "benchmarks")
    assert set(ledger.open_chapter("later").claims) == {"later/claim", DRAWN}


def test_no_claims_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="run from the book's folder, or give its path"):
        ledger.open_chapter("quadratics")
