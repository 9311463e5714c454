"""Closed-form kernels against automatic differentiation; spectra against known ones."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, datasets, kernels


def test_closed_forms_equal_the_jacobian(model, rounding):
    weights = model.initialise([0, 1])
    exact = kernels.empirical(model, weights)
    error = (model.tangent_kernel(weights) - exact).norm() / exact.norm()
    assert error < rounding


def test_the_cross_kernel_is_the_product_of_two_jacobians():
    data = datasets.gaussian(d=4, k=2, n=6)
    model = DeepLinear(data.X, data.Y, width=7, depth=3)
    one, two = model.initialise([0]), model.initialise([1])

    def jacobian(weights):
        flat = torch.autograd.functional.jacobian(
            lambda *layers: model.predict(layers)[0].T.reshape(-1), tuple(weights)
        )
        return torch.cat([block.flatten(1) for block in flat], dim=1)

    torch.testing.assert_close(
        model.cross_kernel(one, two)[0], jacobian(one) @ jacobian(two).T, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("kappa", [4.0, 1e4])
def test_orthogonal_initialisation_has_the_condition_number_of_the_data(kappa):
    data = datasets.reduce_to_rank(datasets.gaussian(kappa=kappa))
    model = DeepLinear(data.X, data.Y, width=16, depth=5, initialisation="orthogonal")
    weights = model.initialise([0, 1])
    condition = kernels.condition_number(model.tangent_kernel(weights))
    assert condition.tolist() == pytest.approx([kappa] * 2, rel=1e-9)
    whitened = kernels.whitened_spectrum(model, weights)
    assert float((whitened - 1).abs().max()) < 1e-9


def test_zero_eigenvalues_of_unreduced_data_are_left_out():
    data = datasets.gaussian(d=4, k=2, n=9)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    assert kernels.spectrum(model.tangent_kernel(model.initialise([0]))).shape == (1, 4 * 2)


def test_bad_kernels_are_refused():
    with pytest.raises(ValueError, match="the kernel is zero"):
        kernels.spectrum(torch.zeros(3, 3))
    data = datasets.gaussian(d=4, k=2, n=9)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    with pytest.raises(ValueError, match=r"singular for n = 9 samples: apply.*reduce_to_rank"):
        kernels.whitened_spectrum(model, model.initialise([0]))


def test_gaussian_kernels_concentrate_like_the_root_of_the_width():
    data = datasets.reduce_to_rank(datasets.gaussian())
    deviations = []
    for width in (256, 4096):
        model = DeepLinear(data.X, data.Y, width, depth=2)
        whitened = kernels.whitened_spectrum(model, model.initialise(range(4)))
        deviations.append(float((whitened - 1).abs().amax(1).mean()))
    assert math.log(deviations[0] / deviations[1], 16) == pytest.approx(0.5, abs=0.1)
