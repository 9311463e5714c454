"""Every classical tuning contracts the worst quadratic as its docstring says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import optimizers as zoo
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
