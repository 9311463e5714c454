"""Every classical tuning contracts the worst quadratic as its docstring says."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import optimizers as zoo

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


@pytest.mark.parametrize(
    ("bounds", "message"), [((0.0, 1.0), "above 0, got 0"), ((2.0, 1.0), "= 2.0, got 1.0: swap")]
)
def test_eigenvalues_out_of_order_are_refused(bounds, message):
    with pytest.raises(ValueError, match=message):
        zoo.classical_nesterov(*bounds)
