"""Every classical tuning contracts the worst quadratic as its docstring says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import optimizers as zoo
from rootkappa.dynamics import spectral_radius
from rootkappa.problems import Spectrum

FACTORS = {
    zoo.classical_gradient_descent: lambda kappa: 1 - 1 / kappa,
    zoo.optimal_gradient_descent: lambda kappa: (kappa - 1) / (kappa + 1),
    zoo.modular_heavy_ball: lambda kappa: 1 - 0.5 / math.sqrt(kappa),
    zoo.optimal_heavy_ball: lambda kappa: (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1),
    zoo.lazy_nesterov: lambda kappa: math.sqrt(
        (3 * math.sqrt(kappa) - 2) / (3 * math.sqrt(kappa) + 2) * (1 - 0.5 / kappa)
    ),
    zoo.classical_nesterov: lambda kappa: 1 - 1 / math.sqrt(kappa),
    zoo.optimal_nesterov: lambda kappa: 1 - 2 / math.sqrt(3 * kappa + 1),
}


@pytest.mark.parametrize("kappa", [1.5, 25.0, 1e4])
@pytest.mark.parametrize("tuning", FACTORS, ids=lambda tuning: tuning.__name__)
def test_the_factor_is_the_spectral_radius(tuning, kappa):
    eta, beta, gamma = tuning(0.3, 0.3 * kappa).coefficients(0)
    radius = 0.0
    for lam in torch.linspace(0.3, 0.3 * kappa, 400, dtype=torch.float64):
        matrix = torch.tensor(
            [[1 + beta - eta * lam * (1 + gamma), eta * lam * gamma - beta], [1.0, 0.0]]
        )
        radius = max(radius, float(torch.linalg.eigvals(matrix.double()).abs().max()))
    # A double root moves by the root of rounding, so eigenvalues carry half the digits.
    assert radius == pytest.approx(FACTORS[tuning](kappa), abs=1e-7)


@pytest.mark.parametrize("tuning", FACTORS, ids=lambda tuning: tuning.__name__)
class TestInput:
    def test_a_spectrum_and_its_ends_are_the_same(self, tuning):
        expected = tuning(0.5, 8.0)
        assert tuning(Spectrum.of_values([2.0, 8.0, 0.5])) == expected
        assert tuning(np.float64(0.5), torch.tensor(8.0)) == tuning(1 / 2, lambda_max=8) == expected

    def test_other_units_change_the_step_size_alone(self, tuning):
        method, other = tuning(0.5, 8.0), tuning(0.5e9, 8.0e9)
        assert other.step_size == pytest.approx(method.step_size * 1e-9, rel=1e-12)
        assert other.momentum == pytest.approx(method.momentum, abs=1e-15)

    def test_one_eigenvalue_is_enough(self, tuning):
        assert tuning(3.0, 3.0).step_size * 3 <= 1

    @pytest.mark.parametrize(
        ("bounds", "error", "message"),
        [
            ((0.0, 1.0), ValueError, "lambda_min must .* above 0, got 0"),
            ((2.0, 1.0), ValueError, "at least lambda_min = 2.0, got 1.0: swap"),
            ((1.0, float("nan")), ValueError, "lambda_max must .* got nan"),
            (("1", 2.0), TypeError, "lambda_min must be a number, got '1'"),
            ((1.0,), TypeError, "got 1.0 alone: give a Spectrum, or lambda_min and lambda_max"),
            ((Spectrum(1.0, 2.0), 2.0), TypeError, "got a spectrum and lambda_max = 2.0"),
        ],
    )
    def test_messages(self, tuning, bounds, error, message):
        with pytest.raises(error, match=message):
            tuning(*bounds)


# kappa = 16, from 1/2 to 8: step size over 1/8, momentum, extrapolation.
BY_HAND = {
    zoo.classical_gradient_descent: (1, 0, 0),
    zoo.optimal_gradient_descent: (32 / 17, 0, 0),
    zoo.modular_heavy_ball: (1, (7 / 8) ** 2, 0),
    zoo.optimal_heavy_ball: (64 / 25, (3 / 5) ** 2, 0),
    zoo.lazy_nesterov: (1 / 2, 10 / 14, 10 / 14),
    zoo.classical_nesterov: (1, 3 / 5, 3 / 5),
    zoo.optimal_nesterov: (64 / 49, 5 / 9, 5 / 9),
}


@pytest.mark.parametrize("tuning", BY_HAND, ids=lambda tuning: tuning.__name__)
def test_the_three_numbers_by_hand(tuning):
    share, *momenta = BY_HAND[tuning]
    method = tuning(0.5, 8.0)
    assert method.coefficients(0) == pytest.approx((share / 8, *momenta), rel=1e-12)
    kind = tuning.__name__.split("_", 1)[1].replace("_", " ")
    assert method.name == {"nesterov": "Nesterov"}.get(kind, kind)


@pytest.mark.parametrize("tuning", FACTORS, ids=lambda tuning: tuning.__name__)
def test_a_worse_condition_number_is_a_slower_method(tuning):
    factors = [FACTORS[tuning](kappa) for kappa in (2.0, 10.0, 1e3)]
    radii = [
        float(spectral_radius(tuning(1 / kappa, 1.0), Spectrum(1 / kappa, 1.0)).max())
        for kappa in (2.0, 10.0, 1e3)
    ]
    assert radii == sorted(radii)
    assert radii == pytest.approx(factors, abs=1e-7)


def test_what_is_optimal_on_quadratics_beats_every_step_size_and_momentum_beside_it():
    # A grid of neighbours, each with the radius of NumPy at both ends of the spectrum.
    def radius(eta, beta, gamma):
        return max(
            abs(np.roots([1, -(1 + beta - eta * x * (1 + gamma)), beta - eta * x * gamma])).max()
            for x in (0.05, 1.0)
        )

    for tuning in (zoo.optimal_gradient_descent, zoo.optimal_heavy_ball, zoo.optimal_nesterov):
        eta, beta, gamma = tuning(0.05, 1.0).coefficients(0)
        best = radius(eta, beta, gamma)
        for a in (0.97, 1.0, 1.03):
            for b in (0.97, 1.0, 1.03):
                assert best <= radius(a * eta, b * beta, b * gamma) + 1e-7
