"""What theorems on linear networks share, against singular values known by hand."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet
from rootkappa.theorems import _linear


def test_the_data_of_a_network(by_hand):
    # sigma(X) = 3, 1 and W* = diag(2, 1); (L/k) sigma^2 with L = 4, k = 2.
    model = by_hand()
    assert _linear.singular_values(model).tolist() == pytest.approx([3, 1])
    assert _linear.solution_norm(model) == pytest.approx(2)
    spectrum = _linear.data_spectrum(model, 0.5, 2.0)
    assert (spectrum.lambda_min, spectrum.lambda_max) == pytest.approx((1, 36))


def test_directions_without_data_are_left_out():
    X = torch.tensor([[3.0, 3.0], [0.0, 0.0]], dtype=torch.float64)
    Y = torch.tensor([[1.0, 3.0]], dtype=torch.float64)
    model = DeepLinear(X, Y, 4, 2)
    assert _linear.singular_values(model).tolist() == pytest.approx([18**0.5])
    assert _linear.fitted(model).tolist() == [pytest.approx([2, 2])]


def test_each_size_is_the_worst_over_the_replicas(two_replicas):
    found = _linear.sizes(two_replicas)
    # ||A|| ||B|| = 12 and 28; sigma_min(A) sigma_min(B) = 5 and 3; X has 3 and 1.
    assert (found.inner, found.least) == pytest.approx((28 * 3, 3))
    assert found.floor == pytest.approx(0, abs=1e-20)
    # B A X = diag(36, 5) and diag(84, 3), against Y = diag(-90, 1).
    assert found.start == pytest.approx(((84 + 90) ** 2 + (3 - 1) ** 2) / 2)
    assert found.excess == found.start


def test_the_spectrum_of_a_residual_network_is_that_of_its_kernel(two_replicas):
    found = _linear.resnet_spectrum(two_replicas)
    model, spectra = two_replicas, []
    for A, B in zip(model.A, model.B, strict=True):
        gram = (A @ model.X).mT @ (A @ model.X)
        spectra.append(torch.linalg.eigvalsh(model.depth * torch.kron(gram, B @ B.mT)))
    values = torch.stack(spectra)
    assert found.lambda_min == pytest.approx(float(values.min()))
    assert found.lambda_max == pytest.approx(float(values.max()))
    # A direction without data has no eigenvalue of the kernel.
    eye, X = torch.eye(2).double(), torch.tensor([[3.0, 4.0], [0.0, 0.0]]).double()
    flat = _linear.resnet_spectrum(LinearResNet(X, X, 2 * eye, eye, 3))
    assert (flat.lambda_min, flat.lambda_max) == pytest.approx((3 * 4 * 25, 3 * 4 * 25))


def test_a_map_that_is_narrower_than_its_space_has_no_least_singular_value():
    eye = torch.eye(3, dtype=torch.float64)
    narrow = LinearResNet(eye, eye, eye[:2], eye[:, :2], 4)
    assert _linear.sizes(narrow).least == 0


def test_a_start_at_the_floor_can_still_divide():
    eye = torch.eye(2, dtype=torch.float64)
    assert _linear.sizes(LinearResNet(eye, eye, eye, eye, 3)).excess >= 0
