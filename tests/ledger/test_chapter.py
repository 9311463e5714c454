"""Settling claims in a chapter, and everything that is refused there."""

import json
import math
from types import SimpleNamespace

import pytest

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
    assert set(bundle) == {"text/plain", "text/html", ledger.MIME}
    assert 'id="claim-quadratics-gd-radius"' in bundle["text/html"]
    assert 'class="rk-verdict rk-verdict-holds"' in bundle["text/html"]
    assert "1 - 1/κ &lt;b&gt;" in bundle["text/html"]
    data = bundle[ledger.MIME]
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


def test_a_record_without_its_control(book):
    with pytest.raises(TypeError, match=r"has no control, got None: give ledger\.Control"):
        book.settle(NAME, measured=GOOD, control=None)


def test_a_control_that_diverges_has_failed(book):
    control = ledger.Control("diverges", {"ratio": math.nan})
    data = book.settle(NAME, measured=GOOD, control=control).to_dict()
    assert data["control"]["failed"] == "ratio: not finite (accepted: 0 to 1)"


def test_an_unknown_chapter(book):
    with pytest.raises(ValueError, match="chapter 'quadratic': did you mean 'quadratics'"):
        ledger.open_chapter("quadratic")


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
