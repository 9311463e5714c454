"""Records: all that they say follows from their numbers."""

from dataclasses import replace

import pytest

from rootkappa.ledger import Binomial, Claim, Record
from rootkappa.ledger.claims import Population
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


def test_a_share_of_draws_without_a_population_is_free():
    spread = {"ratio": Spread(4, 2, 0.5, 0.1, 3.0)}
    some = Record(CLAIM, spread, "c", {"ratio": Measured(3.0)}, draws=Binomial(2, 4))
    assert some.verdict == "holds"
    asked = replace(CLAIM, population=Population("data", 4, (0.95, 1.0)))
    assert replace(some, claim=asked).verdict == "contradicted"
    assert replace(some, claim=asked).to_dict()["population"] == {
        "of": "data",
        "successes": 2,
        "trials": 4,
        "interval": [0.0676, 0.932],
    }


def test_a_control_tells_in_how_many_draws_it_failed():
    control = {"ratio": Spread(20, 1, 3.0, 0.5, 4.0)}
    one = Record(
        CLAIM, {"ratio": Measured(0.5)}, "wide", control, control_draws=Binomial(1, 20)
    ).to_dict()["control"]
    assert (one["what"], one["failed"]) == ("wide", ["ratio"])
    assert (one["draws"]["successes"], one["draws"]["trials"]) == (19, 20)
    assert one["measured"]["ratio"]["inside"] == 1


def test_a_cell_shows_text_page_and_record_together():
    shown = record(0.5)._repr_mimebundle_(include=["text/plain"])
    assert shown == {
        "text/plain": str(record(0.5)),
        "text/html": record(0.5).to_html(),
        "application/vnd.rootkappa.record+json": record(0.5).to_dict(),
    }


def test_a_terminal_lays_names_and_texts_side_by_side():
    claim = replace(CLAIM, accept={"ratio": (0, 1), "gap": (0, 2)})
    two = {"ratio": Measured(0.5), "gap": Measured(1.5)}
    rows = str(Record(claim, two, "wide", {"gap": Measured(3.0)})).split("\n")
    assert rows[:3] == [
        "claim       one/a",
        "verdict     holds",
        "statement   s",
    ]
    assert "measured    Ratio: 0.5 (accepted: 0 to 1)" in rows
    assert "            Gap: 1.5 (accepted: 0 to 2)" in rows
