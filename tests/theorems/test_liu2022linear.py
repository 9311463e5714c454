"""Liu, Tao and Pan by hand: Nesterov on deep linear networks and on residual ones."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import LinearResNet, datasets
from rootkappa.theorems import GaussianNesterov, ResNetNesterov

WINDOW = 1.2**4 / 0.8**4
DATA = datasets.reduce_to_rank(datasets.gaussian(d=5, k=3, n=20, kappa=9.0))


def test_numbers_on_fully_connected_networks(by_hand):
    # Lambda = 1.2^4 18 and kappa = 5.0625 * 9; r = 2, k = 2, ||W*|| = 2, L = 4.
    theorem, model, root = GaussianNesterov(), by_hand(), 3 * math.sqrt(WINDOW)
    beta = (3 * root - 2) / (3 * root + 2)
    expected = (1 / (36 * 1.2**4), beta, beta)
    assert theorem.tuning(model).coefficients(0) == pytest.approx(expected, rel=1e-12)
    assert theorem.rate(model) == pytest.approx((24 * root, 1 - 1 / (2 * root)), rel=1e-12)
    width = 4 * 2 * (9 * WINDOW) ** 5 * 2 * 5
    assert theorem.required_width(model) == pytest.approx(width)
    assert theorem.required_width(by_hand(depth=12)) == pytest.approx(3 * width)


def test_numbers_on_residual_networks(two_replicas):
    # Extremes of A X: 1 and 6, 3 and 12; of B: 5 and 6, 1 and 7. Depth 5.
    theorem = ResNetNesterov()
    spectrum = theorem.spectrum(two_replicas)
    assert (spectrum.lambda_min, spectrum.lambda_max) == pytest.approx((5 * 3**2, 5 * 84**2))
    kappa = 84**2 / 9
    assert theorem.tuning(two_replicas).step_size == pytest.approx(1 / (10 * 84**2))
    assert theorem.rate(two_replicas)[0] == pytest.approx(24 * 28)
    # ||W*|| = 30, r = k = 2; the width does not depend on L.
    assert theorem.required_width(two_replicas) == pytest.approx(2 * kappa**5 * 2 * 901)


def test_the_spectrum_is_that_of_the_kernel():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 8, 4, range(3), 3.0, 2.0)
    values = torch.linalg.eigvalsh(model.tangent_kernel(model.initialise(range(3))))
    spectrum = ResNetNesterov().spectrum(model)
    assert spectrum.lambda_max == pytest.approx(float(values[:, -1].max()), rel=1e-10)
    assert spectrum.lambda_min == pytest.approx(float(values[:, 0].min()), rel=1e-10)


def test_hypotheses_on_residual_networks(two_replicas):
    assert ResNetNesterov().check(two_replicas).unmet == ("gaussian maps", "width of the theorem")
    A, B = two_replicas.A, two_replicas.B
    moved = LinearResNet(two_replicas.X, two_replicas.Y, A, B, 5, hidden_scale=0.1)
    assert "hidden weights start at zero" in ResNetNesterov().check(moved).unmet
