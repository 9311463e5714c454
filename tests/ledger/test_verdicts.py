"""The rule of verdicts, as tables of cases."""

import math

import pytest

from rootkappa.ledger import Binomial, Verdict
from rootkappa.ledger.measurements import Measured, Spread
from rootkappa.ledger.verdicts import control_fails, decide, room, slack, tolerance

TIGHT, HOLDS, BEYOND, OUTSIDE, CONTRADICTED, UNSETTLED = Verdict
ROUNDING, BOUND, BAND, LEAST, SHARE = (0, 1e-12), (0, 1), (0.45, 0.55), (1, math.inf), (0.9, 1.0)
CASES = [
    # kind, accepted, measured, its interval, verdict with and without the hypotheses
    ("equality", ROUNDING, 3e-16, None, TIGHT, BEYOND),
    ("equality", ROUNDING, 1e-12, None, TIGHT, BEYOND),  # the ends belong to the interval
    ("equality", ROUNDING, 2e-12, None, CONTRADICTED, OUTSIDE),
    ("equality", ROUNDING, math.nan, None, CONTRADICTED, OUTSIDE),
    ("equality", (0, 1e-6), 1e-9, None, TIGHT, BEYOND),
    ("equality", (0, 0.04), 0.0, None, HOLDS, BEYOND),  # a loose tolerance, however well it is met
    ("equality", (-1e-7, 2e-6), 0.0, None, HOLDS, BEYOND),
    ("equality", (0.64455, 0.64465), 0.6446, None, HOLDS, BEYOND),
    ("equality", (2 - 1e-6, 2 + 1e-6), 2.0, None, TIGHT, BEYOND),
    ("equality", (-2 - 1e-6, -2 + 1e-6), -2.0, None, TIGHT, BEYOND),
    ("equality", (1, 1), 1.0, None, TIGHT, BEYOND),
    ("equality", LEAST, 1.0, None, HOLDS, BEYOND),
    ("bound", BOUND, 0.95, None, TIGHT, BEYOND),
    ("bound", BOUND, 0.90, None, HOLDS, BEYOND),
    ("bound", BOUND, 0.0, None, HOLDS, BEYOND),
    ("bound", BOUND, 1.01, None, CONTRADICTED, OUTSIDE),
    ("bound", BOUND, math.inf, None, CONTRADICTED, OUTSIDE),
    ("bound", LEAST, 1.05, None, TIGHT, BEYOND),  # a lower limit by its own end
    ("bound", LEAST, 5.0, None, HOLDS, BEYOND),
    ("bound", LEAST, math.inf, None, HOLDS, BEYOND),
    ("bound", (-math.inf, -0.5), -0.52, None, TIGHT, BEYOND),
    ("bound", (-math.inf, -0.5), -2.0, None, HOLDS, BEYOND),
    ("bound", (0.9, math.inf), 0.905, None, TIGHT, BEYOND),
    ("bound", (0.9, math.inf), 1.0, None, HOLDS, BEYOND),
    ("bound", (2, 10), 2.1, None, TIGHT, BEYOND),  # two-sided: the nearer end
    ("bound", (2, 10), 9.5, None, TIGHT, BEYOND),
    ("bound", (2, 10), 4.0, None, HOLDS, BEYOND),
    ("scaling", BAND, 0.51, None, HOLDS, BEYOND),
    ("scaling", BAND, 0.51, (0.50, 0.52), HOLDS, BEYOND),
    ("scaling", BAND, 0.534, (0.502, 0.566), UNSETTLED, UNSETTLED),  # it leaves the accepted one
    ("scaling", BAND, 0.51, (0.40, 0.62), UNSETTLED, UNSETTLED),
    ("scaling", BAND, 0.56, (0.54, 0.58), UNSETTLED, UNSETTLED),  # neither side is excluded
    ("scaling", BAND, 0.60, (0.56, 0.70), CONTRADICTED, OUTSIDE),
    ("scaling", BAND, 0.80, (0.70, 0.90), CONTRADICTED, OUTSIDE),
    ("scaling", BAND, math.nan, (math.nan, math.nan), CONTRADICTED, OUTSIDE),
    ("observation", BAND, 0.5, None, HOLDS, BEYOND),
    ("observation", (1, 1), 1.0, None, HOLDS, BEYOND),
]


@pytest.mark.parametrize(("kind", "accept", "value", "interval", "met", "unmet"), CASES)
def test_the_rule(kind, accept, value, interval, met, unmet):
    measured = {"q": Measured(value, interval)}
    assert decide(kind, {"q": accept}, measured, hypotheses=True) is met
    assert decide(kind, {"q": accept}, measured, hypotheses=False) is unmet


@pytest.mark.parametrize(
    ("successes", "draws", "accept", "verdict"),
    [
        (100, 100, SHARE, HOLDS),  # 1 is no limit of a share, and 1/0.9 leaves more than a tenth
        (985, 1000, SHARE, TIGHT),
        (20, 20, SHARE, UNSETTLED),  # twenty draws say no more than 0.83
        (20, 20, (0.8, 1.0), HOLDS),
        (12, 20, SHARE, CONTRADICTED),
    ],
)
def test_a_share_is_judged_by_its_lower_end(successes, draws, accept, verdict):
    share = Binomial(successes, draws).share
    assert decide("bound", {"share": accept}, {"share": share}, hypotheses=True) is verdict


POPULATIONS = [
    # draws that pass, of how many, accepted share, kind, verdict with and without the hypotheses
    (20, 20, (0.8, 1), "observation", HOLDS, BEYOND),
    (20, 20, (0.8, 1), "bound", TIGHT, BEYOND),
    (19, 20, (0.7, 1), "bound", TIGHT, BEYOND),
    (19, 20, (0.8, 1), "bound", UNSETTLED, UNSETTLED),
    (10, 20, (0.8, 1), "bound", CONTRADICTED, OUTSIDE),
    (0, 20, (0, 0.2), "observation", HOLDS, BEYOND),  # a claim may say that something is rare
    (1, 1, (0.8, 1), "bound", UNSETTLED, UNSETTLED),
]


@pytest.mark.parametrize(("passed", "draws", "share", "kind", "met", "unmet"), POPULATIONS)
def test_the_rule_of_populations(passed, draws, share, kind, met, unmet):
    measured = {"q": Spread(draws, passed, 0.95, 0.5, 0.99 if passed == draws else 1.2)}
    counted = Binomial(passed, draws).share
    for hypotheses, verdict in ((True, met), (False, unmet)):
        found = decide(
            kind, {"q": BOUND}, measured, hypotheses=hypotheses, draws=counted, share=share
        )
        assert found is verdict


def test_without_an_accepted_share_any_share_will_do():
    measured = {"q": Spread(20, 1, 0.95, 0.5, 9.0)}
    for passed in (0, 1, 20):
        draws = Binomial(passed, 20).share
        found = decide("observation", {"q": BOUND}, measured, hypotheses=True, draws=draws)
        assert found is HOLDS


def test_a_population_is_judged_by_its_share_and_not_by_its_median():
    measured = {"q": Spread(20, 20, 0.5, 0.1, 0.99), "fit": Measured(0.8)}
    found = decide(
        "scaling",
        {"q": BOUND, "fit": BAND},
        measured,
        hypotheses=True,
        draws=Binomial(20, 20).share,
        share=(0.8, 1),
    )
    assert found is CONTRADICTED  # by the fit over all draws


def test_a_bound_is_tight_only_where_it_is_not_trivial():
    accept, measured = {"envelope": BOUND}, {"envelope": Measured(0.96)}
    late = {"envelope": Measured(0.36)}
    assert decide("bound", accept, measured, hypotheses=True) is TIGHT
    assert decide("bound", accept, measured, hypotheses=True, attained=late) is HOLDS


def test_one_quantity_outside_outweighs_one_across_an_end():
    accept = {"fine": BAND, "coarse": BAND}
    measured = {"fine": Measured(0.9), "coarse": Measured(0.5, (0.2, 0.8))}
    assert decide("scaling", accept, measured, hypotheses=True) is CONTRADICTED


def test_every_quantity_of_an_equality_must_be_exact():
    accept, measured = {"a": ROUNDING, "b": (0, 0.01)}, {"a": Measured(0.0), "b": Measured(0.0)}
    assert decide("equality", accept, measured, hypotheses=True) is HOLDS


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ((0, 1e-12), 1e-12),
        ((-1e-3, 1e-9), 1e-3),
        ((0.99, 1.01), 0.01),
        ((-4.2, -3.8), 0.05),
        ((7, 7), 0),
        ((1, math.inf), math.inf),
        ((-math.inf, -1), math.inf),
    ],
)
def test_tolerance_is_relative(accept, expected):
    assert tolerance(accept) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "accept", "factor"),
    [
        (0.5, (0, 1), 2),
        (2.0, (1, math.inf), 2),
        (2.0, (1, 3), 1.5),
        (-0.75, (-1, -0.5), 4 / 3),
        (0.5, (-1, 1), 2),
        (-0.5, (-1, math.inf), 2),
        (0.0, (0, 1), math.inf),
        (-3.0, (-math.inf, 1), math.inf),
        (5.0, (-math.inf, math.inf), math.inf),
    ],
)
def test_room_is_that_to_the_nearer_limit(value, accept, factor):
    assert room(Measured(value), accept) == pytest.approx(factor)
    assert room(Spread(3, 3, value, value, value), accept) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("accept", "values", "expected"),
    [
        ({"a": (0, 1), "b": (0, 2)}, {"a": 0.5, "b": 1.6}, 1.25),
        ({"a": (0, 1), "window": (0.9, 1.1)}, {"a": 0.5, "window": 1.0}, 2.0),
        ({"window": (0.4, 0.6)}, {"window": 0.5}, 1.2),
        ({"window": (0.4, 0.6)}, {"window": 0.44}, 1.1),
        ({"a": (0, 1), "error": (0, 1e-12)}, {"a": 0.5, "error": 1e-12}, 2.0),
        ({"a": (0, 1)}, {"a": 0.0}, None),
        ({"a": (1, math.inf)}, {"a": 2.0}, 2.0),
    ],
)
def test_slack_is_that_of_the_binding_limit(accept, values, expected):
    measured = {name: Measured(value) for name, value in values.items()}
    assert slack(measured, accept) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("passed", "draws", "single", "fails"),
    [(0, 20, 0.5, True), (1, 20, 0.5, True), (2, 20, 0.5, False), (20, 20, 3.0, True)],
)
def test_a_control_fails_in_nearly_every_draw_or_in_what_is_measured_once(
    passed, draws, single, fails
):
    measured = {"q": Spread(draws, passed, 2.0, 0.5, 3.0), "once": Measured(single)}
    accept = {"q": BOUND, "once": BOUND}
    assert control_fails(measured, accept, Binomial(passed, draws)) is fails
