"""The rule of verdicts, as a table."""

import math

import pytest

from rootkappa.ledger import Verdict
from rootkappa.ledger.measurements import Measured
from rootkappa.ledger.verdicts import decide, slack

TIGHT, HOLDS, BEYOND, OUTSIDE, CONTRADICTED, UNSETTLED = Verdict
ROUNDING, BOUND, BAND, OPEN = (0, 1e-12), (0, 1), (0.45, 0.55), (1, math.inf)
CASES = [
    # kind, accepted, measured, its interval, verdict with and without the hypotheses
    ("equality", ROUNDING, 3e-16, None, TIGHT, BEYOND),
    ("equality", ROUNDING, 1e-12, None, TIGHT, BEYOND),  # the ends belong to the interval
    ("equality", ROUNDING, 2e-12, None, CONTRADICTED, OUTSIDE),
    ("equality", ROUNDING, math.nan, None, CONTRADICTED, OUTSIDE),
    ("bound", BOUND, 0.95, None, TIGHT, BEYOND),
    ("bound", BOUND, 0.5, None, HOLDS, BEYOND),
    ("bound", BOUND, 0.0, None, HOLDS, BEYOND),
    ("bound", BOUND, 1.01, None, CONTRADICTED, OUTSIDE),
    ("bound", BOUND, math.inf, None, CONTRADICTED, OUTSIDE),
    ("bound", OPEN, 5.0, None, HOLDS, BEYOND),
    ("scaling", BAND, 0.51, None, HOLDS, BEYOND),
    ("scaling", BAND, 0.51, (0.50, 0.52), HOLDS, BEYOND),
    ("scaling", BAND, 0.54, (0.52, 0.56), HOLDS, BEYOND),  # it crosses an end, but is fine enough
    ("scaling", BAND, 0.51, (0.40, 0.62), UNSETTLED, UNSETTLED),
    ("scaling", BAND, 0.60, (0.50, 0.70), UNSETTLED, UNSETTLED),
    ("scaling", BAND, 0.80, (0.70, 0.90), CONTRADICTED, OUTSIDE),  # coarse, yet wholly outside
    ("scaling", BAND, math.nan, (math.nan, math.nan), CONTRADICTED, OUTSIDE),
    ("observation", BAND, 0.5, None, HOLDS, BEYOND),
    ("observation", (1, 1), 1.0, None, HOLDS, BEYOND),
]


@pytest.mark.parametrize(("kind", "accept", "value", "interval", "met", "unmet"), CASES)
def test_the_rule(kind, accept, value, interval, met, unmet):
    measured = {"q": Measured(value, interval)}
    assert decide(kind, {"q": accept}, measured, hypotheses=True) is met
    assert decide(kind, {"q": accept}, measured, hypotheses=False) is unmet


def test_one_quantity_outside_outweighs_one_that_is_coarse():
    accept = {"fine": BAND, "coarse": BAND}
    measured = {"fine": Measured(0.9), "coarse": Measured(0.5, (0.2, 0.8))}
    assert decide("scaling", accept, measured, hypotheses=True) is CONTRADICTED


@pytest.mark.parametrize(
    ("accept", "values", "expected"),
    [
        ({"a": (0, 1), "b": (0, 2)}, {"a": 0.5, "b": 1.6}, 1.25),
        ({"a": (0, 1), "window": (0.9, 1.1)}, {"a": 0.5, "window": 1.0}, 2.0),
        ({"window": (0.4, 0.6)}, {"window": 0.5}, 1.2),
        ({"a": (0, 1), "error": (0, 1e-12)}, {"a": 0.5, "error": 1e-12}, 2.0),
        ({"a": (0, 1)}, {"a": 0.0}, None),
        ({"a": (1, math.inf)}, {"a": 2.0}, None),
    ],
)
def test_slack_is_that_of_the_binding_limit(accept, values, expected):
    measured = {name: Measured(value) for name, value in values.items()}
    assert slack(measured, accept) == pytest.approx(expected)
