"""The model problem against torch, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import Quadratic


def test_the_loss_is_that_of_least_squares():
    J, y = torch.tensor([[1.0, 2.0], [0.0, 3.0], [1.0, 1.0]]).double(), torch.ones(3).double()
    model = Quadratic(J, y)
    w = model.initialise([4])
    best = torch.linalg.lstsq(J, y[:, None]).solution[None]
    assert float(model.gradient([best])[0].abs().max()) < 1e-14
    assert torch.equal(model.residual(w)[0, :, 0], J @ w[0][0, :, 0] - y)
    assert model.spectra(w)[0].dropped == 1


@pytest.mark.parametrize("given", [[1.0, 4.0], np.array([4.0, 1.0]), torch.tensor([1.0, 4.0])])
def test_a_prescribed_spectrum_comes_in_any_form(given):
    model = Quadratic.with_spectrum(given)
    (spectrum,) = model.spectra(model.initialise([0]))
    assert (spectrum.lambda_min, spectrum.lambda_max) == (1.0, 4.0)


BAD = [
    (lambda: Quadratic(torch.ones(3)), ValueError, r"a matrix \(N, p\), got shape \(3,\): reshape"),
    (lambda: Quadratic(torch.eye(2), torch.ones(3)), ValueError, "n = 2 samples and Y has n = 3"),
    (lambda: Quadratic([["a"]]), TypeError, "features must hold numbers"),
    (lambda: Quadratic([[float("nan")]]), ValueError, "features holds 1 NaN"),
    (lambda: Quadratic.with_spectrum([1.0, -2.0]), ValueError, "at least 0, got -2.0"),
    (lambda: Quadratic.with_spectrum(3.0), ValueError, r"must be a vector .* got shape \(\)"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_problems_are_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_without_labels_the_least_loss_lies_at_zero():
    J = torch.tensor([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]]).double()
    model = Quadratic(J)
    assert model.shapes == [(3, 1)]
    assert not model.Y.any()
    w = model.initialise([0, 1])
    assert torch.equal(model.residual(w), J @ w[0])


def test_several_weights_have_the_kernel_and_the_jacobian_of_the_features():
    J = torch.randn(2, 5, generator=torch.Generator().manual_seed(0)).double()
    model = Quadratic(J, [1.0, -1.0])
    w = model.initialise([0, 1, 2])
    assert torch.equal(model.jacobian(w), J.expand(3, -1, -1))
    torch.testing.assert_close(model.tangent_kernel(w), (J @ J.T).expand(3, -1, -1))
    residual, [(left, right)] = model.gradient_factors(w)
    for row in range(3):
        by_hand = J.T @ (J @ w[0][row] - torch.tensor([[1.0], [-1.0]]))
        torch.testing.assert_close((left @ right)[row], by_hand)
        torch.testing.assert_close(model.gradient(w)[0][row], by_hand)
    assert residual.shape == (3, 2, 1)


def test_a_zero_eigenvalue_is_a_direction_that_no_step_moves():
    model = Quadratic.with_spectrum([0.0, 4.0])
    w = model.initialise([0])
    assert model.gradient(w)[0][0, :, 0].tolist() == [0.0, 4 * float(w[0][0, 1, 0])]
    assert model.spectra(w)[0].dropped == 1


def test_a_spectrum_in_single_precision_makes_a_model_in_it():
    model = Quadratic.with_spectrum(torch.tensor([4.0, 9.0]))
    assert model.features.tolist() == [[2.0, 0.0], [0.0, 3.0]]
    assert model.initialise([0])[0].dtype == torch.float32
