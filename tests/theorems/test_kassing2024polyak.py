"""Kassing and Weissmann by hand: the rate is the spectral radius of Polyak's tuning."""

from __future__ import annotations

import math

import pytest

from rootkappa import Spectrum
from rootkappa.dynamics import spectral_radius
from rootkappa.theorems import LocalHeavyBall


def test_numbers_by_hand():
    bounds = Spectrum(1.0, 81.0)
    assert LocalHeavyBall().tuning(bounds).coefficients(0) == pytest.approx((0.04, 0.64, 0))
    assert LocalHeavyBall().rate(bounds) == pytest.approx((1, 0.8))
    assert LocalHeavyBall(0.1).rate(bounds)[1] == pytest.approx(0.9)
    assert LocalHeavyBall().along(bounds, 1.0, 81.0, smooth=False).unmet == (
        "four times differentiable",
    )


@pytest.mark.parametrize("kappa", [1.5, 81.0, 1e4])
def test_the_rate_is_the_radius(kappa):
    bounds, theorem = Spectrum(1.0, kappa), LocalHeavyBall()
    radius = float(spectral_radius(theorem.tuning(bounds), bounds).max())
    assert radius == pytest.approx(theorem.rate(bounds)[1], abs=1e-7)


@pytest.mark.parametrize(
    ("epsilon", "error", "message"),
    [
        (-0.1, ValueError, "epsilon must be finite and at least 0, got -0.1"),
        (math.inf, ValueError, "epsilon must be finite and at least 0, got inf"),
        ("0", TypeError, "epsilon must be a number, got '0'"),
    ],
)
def test_epsilon_is_a_number_of_at_least_0(epsilon, error, message):
    with pytest.raises(error, match=message):
        LocalHeavyBall(epsilon)
    assert type(LocalHeavyBall(0).epsilon) is float


def test_one_eigenvalue_is_gone_at_once():
    bounds = Spectrum(2.0, 2.0)
    assert LocalHeavyBall().rate(bounds) == (1, 0)
    assert LocalHeavyBall().tuning(bounds).coefficients(0) == pytest.approx((0.5, 0, 0))
