"""Feng and Yuan by hand: the rate is the spectral radius of the tuning."""

from __future__ import annotations

import pytest

from rootkappa import Spectrum
from rootkappa.dynamics import spectral_radius
from rootkappa.theorems import OptimalLocalNesterov


def test_numbers_by_hand():
    # 3 kappa + 1 = 100.
    bounds = Spectrum(2.0, 66.0)
    expected = (4 / 200, 8 / 12, 8 / 12)
    assert OptimalLocalNesterov().tuning(bounds).coefficients(0) == pytest.approx(expected)
    assert OptimalLocalNesterov().rate(bounds) == pytest.approx((1, 0.8))
    assert OptimalLocalNesterov(0.05).rate(bounds)[1] == pytest.approx(0.85)


@pytest.mark.parametrize("kappa", [1.5, 33.0, 1e4])
def test_the_rate_is_the_radius(kappa):
    bounds, theorem = Spectrum(1.0, kappa), OptimalLocalNesterov()
    radius = float(spectral_radius(theorem.tuning(bounds), bounds).max())
    assert radius == pytest.approx(theorem.rate(bounds)[1], abs=1e-7)


def test_epsilon_is_not_negative():
    with pytest.raises(ValueError, match="epsilon must be finite and at least 0"):
        OptimalLocalNesterov(-0.1)


def test_epsilon_is_a_number():
    with pytest.raises(TypeError, match="epsilon must be a number, got None"):
        OptimalLocalNesterov(None)
    assert type(OptimalLocalNesterov(0).epsilon) is float


def test_one_eigenvalue_is_gone_at_once():
    # 3 kappa + 1 = 4, so that the momentum is 0.
    bounds = Spectrum(2.0, 2.0)
    assert OptimalLocalNesterov().rate(bounds) == (1, 0)
    assert OptimalLocalNesterov().tuning(bounds).coefficients(0) == pytest.approx((0.5, 0, 0))
