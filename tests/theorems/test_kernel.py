"""Theorems on kernels take a network, or a spectrum instead of their own bounds."""

from __future__ import annotations

import math

import pytest

from rootkappa import theorems
from rootkappa.problems import Spectrum

OWN = Spectrum(0.5, 50.0)
# theorem: step size and factor for lambda = 0.5 and Lambda = 50, so that kappa = 100.
GIVEN = {
    theorems.GaussianGradientDescent(): (1 / 150, 1 - 1 / 1200),
    theorems.OrthogonalGradientDescent(): (1 / 100, 1 - 1 / 400),
    theorems.OrthogonalHeavyBall(): (1 / 50, 1 - 1 / 40),
    theorems.GaussianNesterov(): (1 / 100, 1 - 1 / 20),
    theorems.ReluNesterov(): (1 / 100, 1 - 1 / 20),
    theorems.ReluHeavyBall(): (1 / 50, 1 - 1 / 40),
    theorems.ResNetNesterov(): (1 / 100, 1 - 1 / 20),
}


@pytest.mark.parametrize("theorem", GIVEN, ids=lambda theorem: type(theorem).__name__)
def test_a_spectrum_replaces_the_theorem_s_own_bounds(theorem):
    assert theorem.spectrum(OWN) is OWN
    found = theorem.tuning(OWN).step_size, theorem.rate(OWN)[1]
    assert found == pytest.approx(GIVEN[theorem], rel=1e-14)
    with pytest.raises(TypeError, match=r"speaks of a \w+ here, got Spectrum: give one"):
        theorem.check(OWN)


@pytest.mark.parametrize(
    "theorem", [theorems.ReluGradientDescent(), theorems.ResNetGradientDescent()]
)
def test_a_step_that_depends_on_more_needs_the_network(theorem):
    with pytest.raises(TypeError, match=r"speaks of a \w+ here, got Spectrum: give one"):
        theorem.tuning(OWN)


@pytest.mark.parametrize("delta", [0, 1, 2, -0.1, math.nan, math.inf])
@pytest.mark.parametrize(
    "theorem",
    [
        theorems.GaussianNesterov,
        theorems.ReluHeavyBall,
        theorems.ResNetNesterov,
        theorems.ResNetStochasticGradientDescent,
    ],
)
def test_a_probability_out_of_range_is_refused(theorem, delta):
    with pytest.raises(ValueError, match=rf"delta must lie strictly between 0 and 1, got {delta}"):
        theorem(delta=delta)


@pytest.mark.parametrize("delta", ["0.1", None, True])
def test_a_probability_is_a_number(delta):
    with pytest.raises(TypeError, match=r"delta must be a number"):
        theorems.GaussianGradientDescent(delta=delta)
