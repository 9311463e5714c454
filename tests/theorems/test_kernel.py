"""Theorems on kernels take a network, or a spectrum instead of their own bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

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
    with pytest.raises(TypeError, match=r"takes a \w+ here, got Spectrum: give one"):
        theorem.check(OWN)


@pytest.mark.parametrize(
    "theorem", [theorems.ReluGradientDescent(), theorems.ResNetGradientDescent()]
)
def test_a_step_that_depends_on_more_needs_the_network(theorem):
    with pytest.raises(TypeError, match=r"takes a \w+ here, got Spectrum: give one"):
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


WITH_DELTA = [
    theorems.GaussianGradientDescent,
    theorems.OrthogonalGradientDescent,
    theorems.OrthogonalHeavyBall,
    theorems.GaussianNesterov,
    theorems.ReluGradientDescent,
    theorems.ReluHeavyBall,
    theorems.ReluNesterov,
    theorems.ResNetNesterov,
]


@pytest.mark.parametrize("theorem", WITH_DELTA, ids=lambda theorem: theorem.__name__)
def test_a_probability_of_any_kind_becomes_a_float(theorem):
    for given in (np.float32(0.25), np.array(0.25), torch.tensor(0.25), 0.25):
        delta = theorem(delta=given).delta
        assert (delta, type(delta)) == (0.25, float)
    assert theorem().delta == 0.1
    assert theorem(0.25) == theorem(delta=0.25) != theorem()
    with pytest.raises(ValueError, match=r"delta must .* got 1: try 0\.1"):
        theorem(delta=1)


@pytest.mark.parametrize("theorem", GIVEN, ids=lambda theorem: type(theorem).__name__)
def test_a_bound_follows_from_a_spectrum_alone(theorem):
    prefactor, factor = theorem.rate(OWN)
    found = theorem.bound(OWN, [0.0, 3.0, 50.0]).tolist()
    assert found == pytest.approx([prefactor, prefactor * factor**3, prefactor * factor**50])
    # A spectrum in other units has another step size and the same rate.
    other = Spectrum(500.0, 50_000.0)
    assert theorem.rate(other) == pytest.approx((prefactor, factor), rel=1e-12)
    assert theorem.tuning(other).step_size == pytest.approx(theorem.tuning(OWN).step_size / 1000)


@pytest.mark.parametrize("theorem", GIVEN, ids=lambda theorem: type(theorem).__name__)
def test_a_network_is_needed_for_what_speaks_of_one(theorem):
    for question in (theorem.network, theorem.hypotheses):
        with pytest.raises(TypeError, match=rf"takes a {theorem.kind.__name__} here, got Spectrum"):
            question(OWN)
    with pytest.raises(TypeError, match=rf"takes a {theorem.kind.__name__} here, got dict: give"):
        theorem.spectrum({})
