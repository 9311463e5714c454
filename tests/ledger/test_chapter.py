"""Settling claims in a chapter, and everything that is refused there."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import ledger

CLAIMS = """
[chapters]
quadratics = "Quadratics"
later = "Later"

[[claim]]
id = "quadratics/gd-radius"
paper = "classical"
source = "derived"
kind = "bound"
statement = "Contracts by 1 - 1/kappa <b>."
predicted = "1 - 1/kappa"
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
"""
NAME = "quadratics/gd-radius"
GOOD = {"ratio": 0.2, "deviation": 3e-16}
CONTROL = ledger.Control("step 2.1/lambda_max", {"ratio": 7.0})


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
        "statement   Contracts by 1 - 1/kappa <b>.",
        "predicted   1 - 1/kappa",
        "measured    ratio: 0.2 (accepted: 0 to 1)",
        "            deviation: below 1e-12 (accepted: 0 to 1e-12)",
        "slack       limit / measured = 5",
        "hypotheses  met",
        "control     step 2.1/lambda_max",
        "            ratio: 7 (accepted: 0 to 1)",
    ]


def test_a_notebook_gets_text_card_and_record(book):
    record = book.settle(NAME, measured=GOOD, control=CONTROL, counts=ledger.Binomial(9, 10))
    bundle = record._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", ledger.Record.MIME}
    assert 'id="claim-quadratics-gd-radius"' in bundle["text/html"]
    assert 'class="rk-verdict rk-verdict-holds"' in bundle["text/html"]
    assert "1 - 1/κ &lt;b&gt;" in bundle["text/html"]
    data = bundle[ledger.Record.MIME]
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["digest"] == book.claims[NAME].digest
    assert data["slack"] == 5.0
    assert data["counts"] == {"successes": 9, "trials": 10, "interval": [0.555, 0.997]}


def test_settling_again_replaces(book):
    book.settle(NAME, measured=GOOD, control=CONTROL)
    book.settle(NAME, measured=GOOD | {"ratio": 2.0}, control=CONTROL)
    assert book.records[NAME].verdict is ledger.Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("hypotheses", "unmet"),
    [
        (True, ()),
        (False, ("see the text",)),
        ([], ()),
        (["width", "depth"], ("width", "depth")),
        ("width", ("width",)),
        (SimpleNamespace(holds=True), ()),
        (SimpleNamespace(holds=False), ("see the theorem's report",)),
        (SimpleNamespace(holds=False, unmet=(SimpleNamespace(name="width"),)), ("width",)),
    ],
)
def test_hypotheses_in_every_form(book, hypotheses, unmet):
    record = book.settle(NAME, measured=GOOD, control=CONTROL, hypotheses=hypotheses)
    assert record.unmet == unmet
    assert (record.verdict is ledger.Verdict.BEYOND) == bool(unmet)


def test_a_share_of_runs_is_as_fine_as_the_number_of_runs(tmp_path, book):
    later = ledger.open_chapter("later", tmp_path / "claims.toml")
    control = ledger.Control("narrow", {"share": 0.1})
    verdicts = [
        later.settle("later/claim", measured={"share": share}, control=control).verdict
        for share in (ledger.Binomial(5, 5), ledger.Binomial(100, 100))
    ]
    assert verdicts == [ledger.Verdict.UNSETTLED, ledger.Verdict.HOLDS]


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


@pytest.mark.parametrize("value", ["0.5", True, np.True_, None, 1j, [0.5], torch.tensor([0.5])])
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
        ({"hypotheses": None}, "hypotheses is None: give a theorem's report, a boolean"),
        ({"hypotheses": 0}, "hypotheses is 0"),
        ({"hypotheses": [True]}, r"hypotheses is \[True\]"),
        ({"counts": (20, 20)}, r"counts is \(20, 20\): give ledger\.Binomial"),
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
    data = book.settle(NAME, measured=GOOD, control=control).to_dict()
    assert data["control"]["failed"] == "ratio: not finite (accepted: 0 to 1)"


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
    assert set(ledger.open_chapter("later").claims) == {"later/claim"}


def test_no_claims_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="run from the book's folder, or give its path"):
        ledger.open_chapter("quadratics")
