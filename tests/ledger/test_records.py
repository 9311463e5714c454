"""Records: all that they say follows from their numbers."""

import pytest

from rootkappa.ledger import Claim, Record
from rootkappa.ledger.hypotheses import Hypotheses
from rootkappa.ledger.measurements import Measured, Spread

CLAIM = Claim("one/a", "ours", "derived", "bound", "s", "p", "c", {"ratio": (0, 1)})
NARROW = Hypotheses(1, 0, {"width": 1})


def record(ratio, hypotheses=None, claim=CLAIM):
    met = hypotheses or Hypotheses()
    control = {"ratio": Measured(3.0)}
    return Record(claim, {"ratio": Measured(ratio)}, "wide", control, hypotheses=met)


@pytest.mark.parametrize(
    ("ratio", "hypotheses", "verdict", "slack"),
    [
        (0.5, None, "holds", 2.0),
        (0.95, None, "tight", 1.05),
        (2.0, NARROW, "fails outside its hypotheses", None),
        (0.0, None, "holds", None),
    ],
)
def test_a_verdict_follows_from_the_record_alone(ratio, hypotheses, verdict, slack):
    data = record(ratio, hypotheses).to_dict()
    assert record(ratio, hypotheses).verdict == data["verdict"] == verdict
    assert data["slack"] == slack


def test_a_verdict_is_that_of_the_number_as_it_is_written():
    assert record(1.00001).to_dict()["measured"]["ratio"]["text"] == "1.00001"
    assert record(1.00001).verdict == "contradicted"


def test_unmet_hypotheses_are_named():
    assert "hypotheses  not met: width" in str(record(0.5, NARROW))


def test_a_bound_has_room_only_if_every_draw_has():
    some = Record(CLAIM, {"ratio": Spread(20, 19, 0.5, 0.1, 1.1)}, "c", {"ratio": Measured(3.0)})
    assert some.slack is None


def test_a_card_is_readable_without_style_and_escapes():
    claim = Claim("one/a", "ours", "derived", "bound", "a < 1", "p", "c", {"ratio": (0, 1)})
    html = record(0.5, claim=claim).to_html()
    assert "a &lt; 1" in html
    assert '<th scope="row">measured</th>' in html
