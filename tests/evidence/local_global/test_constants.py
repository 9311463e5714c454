"""Parts of the constants: names, told spectra, and the functions that are drawn."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from rootkappa import Spectrum, optimizers
from rootkappa.evidence.local_global import constants, cycle_free


def test_names_become_quantities():
    assert [constants._slug(name) for name in constants.LIMITS] == [
        "heavy_ball_wang",
        "nesterov_liu",
        "standard_nesterov",
        "optimal_nesterov",
        "optimal_heavy_ball",
    ]


@pytest.mark.parametrize(("share", "told"), [(1.0, 0.02), (10.0, 0.2), (100.0, 0.9)])
def test_a_least_eigenvalue_is_told_too_large_but_below_the_largest(share, told):
    found = constants._told(Spectrum(0.02, 1.0), share)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((told, 1.0))


@pytest.fixture
def curved():
    return constants._Curved(Spectrum(0.1, 1.0), 3)


def test_a_drawn_function_has_the_slope_of_automatic_differentiation(curved):
    x = torch.linspace(-3, 3, 12, dtype=torch.float64).reshape(2, 6).requires_grad_()
    plain = 0.05 * x.square().sum(1) + 0.9 * torch.cosh(x @ curved.B.T + curved.c).log().sum(1)
    torch.testing.assert_close(curved.value(x.detach()), plain.detach())
    (slope,) = torch.autograd.grad(plain.sum(), x)
    torch.testing.assert_close(curved.gradient(x.detach()), slope)
    far = torch.full((1, 6), 1e4, dtype=torch.float64)
    assert bool(torch.isfinite(curved.value(far)).all())


def test_a_drawn_function_has_its_curvatures_and_its_least_value(curved):
    assert float(curved.value(curved.starts).min()) > float(curved.least)
    near = curved.starts / 20
    for x, y in itertools.pairwise(near):
        bent = (curved.gradient(x[None]) - curved.gradient(y[None]))[0]
        assert float(bent @ (x - y)) >= 0.1 * float((x - y).square().sum())
        assert float(bent.norm()) <= float((x - y).norm())


def test_the_largest_ratio_over_the_starts_is_that_of_plain_loops(curved):
    method, worst = optimizers.nesterov(0.5, 0.6), 0.0
    for start in curved.starts:
        w = before = start[None]
        for _ in range(4):
            y = w + 0.6 * (w - before)
            before, w = w, y - 0.5 * curved.gradient(y)
        left = curved.value(w) - curved.least
        worst = max(worst, float(left / (curved.value(start[None]) - curved.least)))
    assert curved.ratio(method) == pytest.approx(worst)
    rates = constants.measured_rates(10.0, [3])
    descent = optimizers.classical_gradient_descent(Spectrum(0.1, 1.0))
    assert rates["gradient descent"] == pytest.approx(curved.ratio(descent) ** (1 / 8))


def test_condition_numbers_are_drawn_between_their_ends():
    kappas = [constants._drawn(seed).kappa for seed in range(20)]
    assert 10 <= min(kappas) < 20 < 40 < max(kappas) <= 60
    mapped = [cycle_free._between((400.0, 1e5), seed) for seed in range(20)]
    assert 400 <= min(mapped) < 4000 < 2e4 < max(mapped) <= 1e5


@pytest.mark.parametrize("gamma", [0.0, 0.8])
def test_radii_of_a_map_are_those_of_numpy(gamma):
    eta, beta, value = np.array([0.1, 1.0, 3.0]), np.array([0.8, 0.5, 0.0]), 0.7
    found = cycle_free._radius(eta, beta, np.full(3, gamma), value)
    for e, b, radius in zip(eta, beta, found, strict=True):
        roots = np.roots([1, -(1 + b - e * value * (1 + gamma)), b - e * value * gamma])
        assert radius == pytest.approx(abs(roots).max())


def test_a_plane_has_a_row_a_momentum_and_knows_a_cycle():
    # Polyak's tuning for kappa = 25 cycles, and gradient descent with 1/L does not.
    etas, betas = np.array([1.0, 400 / 144 / 1.0]), np.array([0.0, 4 / 9])
    gaps, cycling = cycle_free.plane(25.0, etas, betas)
    assert gaps.shape == cycling.shape == (2, 2)
    assert gaps[0, 0] == pytest.approx(1.0)
    assert gaps[1, 1] == pytest.approx((1 - 2 / 3) * 25)
    assert not cycling[0, 0]
    assert cycling[1, 1]
    assert math.isfinite(gaps[0, 1])
