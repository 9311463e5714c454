"""Stored records: what was written reads back, and what was changed by hand is refused."""

import copy
import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from rootkappa import ledger
from rootkappa.ledger._stored import _check_spreads, read_record
from rootkappa.ledger.chapter import Chapter
from rootkappa.ledger.claims import Population
from rootkappa.ledger.measurements import Spread
from tests.strangers import PLAIN, exchanged, places, without

CLAIM = ledger.Claim(
    id="one/a",
    paper="ours",
    source="derived",
    kind="bound",
    statement="s",
    predicted="p",
    control="c",
    accept={"ratio": (0, 1), "error": (0, 1e-12), "slope": (0.4, 0.6), "least": (1, math.inf)},
)
MEASURED = {"ratio": 0.9234, "error": 3e-16, "slope": (0.5, (0.45, 0.55)), "least": 12.0}
MET = SimpleNamespace(holds=True, unmet=())
NARROW = SimpleNamespace(holds=False, unmet=("width",))
REPORTS = [MET] * 19 + [NARROW]
CONTROL = {"slope": 1.0, "ratio": math.nan, "error": 2e-12}


def settle(**changes):
    chapter = Chapter("one", {CLAIM.id: CLAIM})
    control = ledger.Control("what", CONTROL)
    return chapter.settle(
        CLAIM.id, measured=MEASURED | changes, control=control, hypotheses=REPORTS
    )


def stored(record):
    """As a notebook keeps it: through JSON, with sorted keys."""
    return json.loads(json.dumps(record.to_dict(), sort_keys=True))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ratio": 1.0004},
        {"ratio": 0.99996},
        {"ratio": 1e9},
        {"ratio": math.inf},
        {"error": 3e-12},
        {"error": 0.5},
        {"slope": (0.5, (0.1, 0.9))},
        {"slope": (0.7, (-math.inf, math.inf))},
        {"least": math.inf},
    ],
)
def test_every_record_reads_back(changes):
    record = settle(**changes)
    assert read_record(CLAIM, stored(record)).verdict is record.verdict


def put(*path):
    """A planted change: the value at the end of the path, or its removal for None."""

    def change(data):
        *folders, name, value = path
        for folder in folders:
            data = data[folder]
        if value is None:
            del data[name]
        else:
            data[name] = value

    return change


FORGED = {
    "verdict": (put("verdict", "holds"), "verdict = 'holds', and its own numbers give 'tight'"),
    "unknown verdict": (put("verdict", "proved"), "says verdict = 'proved'"),
    "inside": (put("measured", "ratio", "inside", False), "measured.ratio.inside = False"),
    "value": (put("measured", "ratio", "value", 0.1), "numbers give 'holds'"),
    "value, a little": (put("measured", "ratio", "value", 0.92), "ratio.text = '0.923'.*'0.92'"),
    "value outside": (put("measured", "ratio", "value", 1.5), "numbers give 'contradicted'"),
    "below": (put("measured", "error", "below", 1e-6), "says"),
    "above for below": (put("measured", "error", "above", 1), "unknown field measured.error.above"),
    "accepted": (put("measured", "ratio", "accept", [0, 2]), r"measured.ratio.accept = \[0, 2\]"),
    "text": (put("measured", "ratio", "text", "0.5"), "measured.ratio.text = '0.5'"),
    "interval": (put("measured", "slope", "interval", [0.6, 0.7]), "outside its own interval"),
    "wide interval": (put("measured", "slope", "interval", [0, 1]), "'unsettled'"),
    "slack": (put("slack", 1.0), "says slack = 1.0, and its own numbers give 1.08"),
    "no slack": (put("slack", ""), "says slack = ''"),
    "unmet": (put("hypotheses", "unmet", {"width": 20}), "hypotheses that contradict each other"),
    "met": (put("hypotheses", "met", 20), "hypotheses that contradict each other"),
    "checked": (put("hypotheses", "checked", 500), "hypotheses that contradict each other"),
    "not unmet": (
        lambda data: data["hypotheses"]["unmet"].update(depth=0),
        "hypotheses that contradict each other",
    ),
    "as few": (put("hypotheses", "unmet", {}), "hypotheses that contradict each other"),
    "a population": (put("population", {"successes": 20, "trials": 20}), "counts Binomial"),
    "control passes": (put("control", "measured", {}), "no control that fails"),
    "breaks": (put("control", "breaks", "width"), "says control.breaks = 'width'"),
    "control": (put("control", "failed", []), "says control.failed"),
    "what": (put("control", "what", None), "lacks 'what'"),
    "chapter": (put("chapter", "two"), "says chapter = 'two'"),
    "schema": (put("schema", 0), "written in schema 0"),
    "no verdict": (put("verdict", None), "lacks verdict"),
    "no quantity": (put("measured", "slope", None), "lacks 'slope'"),
    "another quantity": (put("measured", "extra", {"inside": True}), "field measured.extra"),
    "unknown field": (put("more", 1), "unknown field more"),
    "a number": (put("measured", 5), "of the wrong kind"),
    "a word": (put("measured", "ratio", "value", "0.9"), "'0.9' is no number"),
    "not finite": (put("measured", "ratio", "value", math.nan), "says"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), FORGED.values(), ids=FORGED)
def test_a_record_that_contradicts_itself_is_refused(change, message):
    data = copy.deepcopy(stored(settle()))
    change(data)
    with pytest.raises(ValueError, match=message) as caught:
        read_record(CLAIM, data)
    assert "\n" not in str(caught.value)


DRAWN = replace(CLAIM, population=Population("data", 20, (0.8, 1)), breaks="width")
RATIOS = [0.5 + 0.02 * k for k in range(19)]


def drawn(largest=0.9):
    chapter = Chapter("one", {DRAWN.id: DRAWN})
    measured = MEASURED | {"ratio": [*RATIOS, largest], "least": [3.0] * 19 + [0.5]}
    control = ledger.Control("what", {"ratio": [2.0] * 19 + [0.5]})
    return chapter.settle(DRAWN.id, measured=measured, control=control, hypotheses=REPORTS)


@pytest.mark.parametrize("largest", [0.9, 1.0004, math.inf])
def test_every_population_reads_back(largest):
    record = drawn(largest)
    assert read_record(DRAWN, stored(record)).verdict is record.verdict


FORGED_DRAWS = {
    "share": (put("population", "successes", 20), "counts 20 draws where measured has"),
    "few": (put("population", "successes", 0), "counts 0 draws where measured has"),
    "interval": (put("population", "interval", [0.9, 1.0]), "says population.interval"),
    "of": (put("population", "of", "weights"), "says population.of = 'weights'"),
    "no population": (put("population", None), "lacks 'population'"),
    "inside": (put("measured", "ratio", "inside", 19), "ratio inside, against its spread"),
    "more than draws": (put("measured", "ratio", "inside", 21), "no more successes than trials"),
    "draws": (put("measured", "ratio", "draws", 30), "draws of ratio in measured that contradict"),
    "largest": (put("measured", "ratio", "largest", 1.5), "ratio inside, against its spread"),
    "least": (put("measured", "ratio", "least", 0.7), "that contradict each other|against|says"),
    "median": (put("measured", "ratio", "value", 0.95), "that contradict each other"),
    "control": (put("control", "draws", "successes", 20), "counts 0 draws where control has"),
    "control passes": (put("control", "measured", "ratio", "inside", 2), "where control has .2."),
    "no draws": (put("control", "draws", None), "lacks 'draws'"),
}


@pytest.mark.parametrize(("change", "message"), FORGED_DRAWS.values(), ids=FORGED_DRAWS)
def test_a_population_that_contradicts_itself_is_refused(change, message):
    data = stored(drawn())
    change(data)
    with pytest.raises(ValueError, match=message):
        read_record(DRAWN, data)


@pytest.mark.parametrize("data", [None, [], "record", 5, {}])
def test_what_is_no_record(data):
    with pytest.raises(ValueError, match=r"of the wrong kind|lacks"):
        read_record(CLAIM, data)


STORED = stored(settle())


@pytest.mark.parametrize("place", list(places(STORED)), ids=".".join)
def test_a_field_that_is_missing_or_another_is_refused(place):
    with pytest.raises(ValueError, match=r"\w"):
        read_record(CLAIM, without(STORED, place))
    kept = STORED
    for key in place:
        kept = kept[key]
    for value in PLAIN.values():
        # Any text may say what the control was.
        if value != kept and not (place == ("control", "what") and isinstance(value, str)):
            with pytest.raises(ValueError, match=r"\w"):
                read_record(CLAIM, exchanged(STORED, place, value))


@pytest.mark.parametrize(
    "place", [("x",), ("measured", "x"), ("control", "x"), ("hypotheses", "x")]
)
def test_a_field_too_many_is_refused(place):
    with pytest.raises(ValueError, match=r"unknown field .*x|lacks|wrong kind|x"):
        read_record(CLAIM, exchanged(STORED, place, 1))


SPREADS = {
    "all inside": ((4, 4, 0.5, 0.2, 0.9), True),
    "all inside, said to be fewer": ((4, 3, 0.5, 0.2, 0.9), False),
    "one outside, said to be none": ((4, 4, 0.5, 0.2, 1.1), False),
    "one outside": ((4, 3, 0.5, 0.2, 1.1), True),
    "half outside with the median": ((4, 2, 1.05, 0.2, 2.0), True),
    "the median outside, most inside": ((4, 3, 1.05, 0.2, 2.0), False),
    "of five the median outside": ((5, 2, 1.05, 0.2, 2.0), True),
    "of five too many inside": ((5, 3, 1.05, 0.2, 2.0), False),
}


@pytest.mark.parametrize("place", ["measured", "control"])
@pytest.mark.parametrize(("numbers", "fits"), SPREADS.values(), ids=SPREADS)
def test_draws_inside_are_those_that_their_spread_allows(numbers, fits, place):
    spread = Spread(*numbers)
    record = SimpleNamespace(**{"measured": {}, "control": {}} | {place: {"x": spread}})
    if fits:
        _check_spreads({"x": (0, 1)}, record)
        return
    with pytest.raises(ValueError, match=rf"counts {spread.inside} draws of x inside, against"):
        _check_spreads({"x": (0, 1)}, record)
    _check_spreads({"x": (0, 1e-12)}, record)  # of rounding error no spread is written
