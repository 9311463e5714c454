"""The words that records and the ledger page share."""

import pytest

from rootkappa.ledger import Binomial, Claim, Record
from rootkappa.ledger.measurements import Measured
from rootkappa.ledger.records import badge, describe_binomial, describe_counts, failure, lines

CLAIM = Claim("one/a", "ours", "derived", "bound", "s", "p", "c", {"ratio": (0, 1)})


def record(ratio, unmet=()):
    return Record(CLAIM, {"ratio": Measured(ratio)}, "wide", {"ratio": Measured(3.0)}, unmet)


@pytest.mark.parametrize(
    ("ratio", "unmet", "verdict"),
    [(0.5, (), "holds"), (0.95, (), "tight"), (2.0, ("width",), "fails outside its hypotheses")],
)
def test_a_verdict_follows_from_the_record_alone(ratio, unmet, verdict):
    assert record(ratio, unmet).verdict == record(ratio, unmet).to_dict()["verdict"] == verdict


def test_a_verdict_is_that_of_the_number_as_it_is_written():
    assert record(1.00001).to_dict()["measured"]["ratio"]["text"] == "1.00001"
    assert record(1.00001).verdict == "contradicted"


def test_unmet_hypotheses_are_named():
    assert "hypotheses  not met: width; depth" in str(record(0.5, ("width", "depth")))


def test_only_what_lies_outside_made_the_control_fail():
    entries = {
        "a": {"inside": True, "text": "1", "accept": [0, 1]},
        "much_more": {"inside": False, "text": "3", "accept": [None, 2]},
    }
    assert failure(entries) == "much more: 3 (accepted: at most 2)"


def test_counts_in_words():
    data = {"counts": describe_binomial(Binomial(19, 20))}
    assert describe_counts(data) == "19 of 20 (95 % interval 0.751 to 0.999)"
    assert describe_counts({"counts": None}) == ""


@pytest.mark.parametrize("verdict", ["open", "tight", "fails outside its hypotheses"])
def test_a_badge_says_its_verdict(verdict):
    assert f">{verdict}</span>" in badge(verdict)


def test_lines_are_typeset_and_escaped():
    assert lines("kappa < 1\nsqrt beta") == "κ &lt; 1<br>√β"
