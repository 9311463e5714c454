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
