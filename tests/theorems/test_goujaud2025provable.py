"""Goujaud, Taylor and Dieuleveut: which tunings cycle, each hypothesis broken once."""

from __future__ import annotations

import pytest

from rootkappa import Spectrum
from rootkappa.optimizers import heavy_ball, modular_heavy_ball, nesterov, optimal_heavy_ball
from rootkappa.theorems import HeavyBallCycle

CYCLE = "a cycle on the roots of unity"


@pytest.mark.parametrize(
    ("tuning", "kappa", "cycles"),
    [
        (optimal_heavy_ball, 17.9, False),
        (optimal_heavy_ball, 18.0, True),
        (modular_heavy_ball, 49.0, False),
        (modular_heavy_ball, 50.0, True),
    ],
)
def test_thresholds(tuning, kappa, cycles):
    bounds = Spectrum(1 / kappa, 1.0)
    theorem = HeavyBallCycle(tuning(bounds))
    assert theorem.check(bounds).holds is cycles
    assert theorem.tuning(bounds) == tuning(bounds)


def test_each_hypothesis():
    bounds = Spectrum(0.01, 1.0)
    assert HeavyBallCycle(heavy_ball(1.0, 0.1)).check(bounds).unmet == (CYCLE,)
    assert HeavyBallCycle(nesterov(1.9, 0.9)).check(bounds).unmet == ("no extrapolation",)
    assert HeavyBallCycle(optimal_heavy_ball(bounds), longest=2).check(bounds).unmet == (CYCLE,)
    with pytest.raises(TypeError, match="heavy_ball"):
        HeavyBallCycle(0.9)


BOUNDS = Spectrum(0.5, 1.0)
BAD = [
    (lambda: HeavyBallCycle(None), TypeError, "method must be a Method, got None: give heavy_ball"),
    (
        lambda: HeavyBallCycle(heavy_ball(1, 0.5), longest=1),
        ValueError,
        "longest must be at least 2",
    ),
    (lambda: HeavyBallCycle(heavy_ball(1, 0.5), longest=2.5), TypeError, "longest must be a whole"),
    (lambda: HeavyBallCycle(nesterov(0.1)).check(BOUNDS), ValueError, "has a schedule: give it a"),
    (
        lambda: HeavyBallCycle(heavy_ball(1, 0.5)).check(0.5),
        TypeError,
        "takes a Spectrum here, got",
    ),
    (lambda: HeavyBallCycle(heavy_ball(1, 0.5)).rate(BOUNDS), TypeError, "has no linear rate"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_method_that_changes_is_told_the_theorem_by_name():
    with pytest.raises(
        ValueError, match=r"^Goujaud, Taylor and Dieuleveut \(2025\), condition for"
    ):
        HeavyBallCycle(nesterov(0.1)).check(BOUNDS)


@pytest.mark.parametrize(("longest", "holds"), [(2, False), (3, True), (100.0, True)])
def test_periods_are_tried_up_to_the_longest(longest, holds):
    # Polyak's tuning at kappa = 25 has a cycle of 3 points, and its least has that many.
    bounds = Spectrum(1.0, 25.0)
    theorem = HeavyBallCycle(optimal_heavy_ball(bounds), longest)
    assert theorem.check(bounds).holds is holds
    assert type(theorem.longest) is int


def test_the_facts_say_what_was_found():
    bounds = Spectrum(1.0, 25.0)
    lines = HeavyBallCycle(optimal_heavy_ball(bounds)).check(bounds).hypotheses
    assert [(line.name, line.needed, line.measured) for line in lines] == [
        ("no extrapolation", True, True),
        (CYCLE, True, True),
    ]
