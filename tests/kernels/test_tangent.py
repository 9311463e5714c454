"""Closed-form kernels against automatic differentiation; spectra against known ones."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, Quadratic, TwoLayerReLU, datasets, kernels


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
    (spectrum,) = kernels.spectra(model.tangent_kernel(model.initialise([0])))
    assert len(spectrum.eigenvalues) == 4 * 2
    assert spectrum.dropped == 5 * 2


def test_no_kernel_of_a_stack_changes_the_rank_of_another():
    # Six seeds whose kernels have ranks 4 to 60.
    data = datasets.load("digits", n=60)
    model = TwoLayerReLU(data.X, data.Y, width=4)
    stack = model.tangent_kernel(model.initialise(range(6)))
    together = kernels.condition_number(stack)
    assert together.tolist() == [float(kernels.condition_number(one)) for one in stack]
    assert together.tolist() == [one.kappa for one in model.spectra(model.initialise(range(6)))]
    nonzero = [values[values > 1e-9] for values in torch.linalg.eigvalsh(stack)]
    oracle = [float(values[-1] / values[0]) for values in nonzero]
    assert together.tolist() == pytest.approx(oracle, rel=1e-6)
    assert kernels.condition_number(stack.reshape(2, 3, 60, 60)).shape == (2, 3)


def test_singular_values_resolve_the_hilbert_matrix():
    # kappa^2 of the 8 x 8 Hilbert matrix, 1.52575e10 (Fettis and Caslin 1967).
    hilbert = [[1 / (i + j + 1) for j in range(8)] for i in range(8)]
    model = Quadratic(hilbert)
    assert model.spectra(model.initialise([0]))[0].kappa == pytest.approx(1.5257575e10**2, rel=1e-5)
    single = Quadratic(torch.tensor(hilbert, dtype=torch.float32))
    (spectrum,) = single.spectra(single.initialise([0]))
    assert spectrum.dropped > 0
    assert "count as zero: rounding" in spectrum.why


BAD = [
    (torch.zeros(1, 3, 3), "kernel 0 of the stack: the kernel is zero"),
    (torch.stack([torch.eye(3), torch.diag(torch.tensor([-5.0, 1, 2]))]), "kernel 1.*below 0"),
    ([[[1.0, 1e6], [0.0, 2.0]]], "not symmetric, entries differ from the transpose by 1e"),
    (torch.full((1, 2, 2), math.nan), "NaN or infinite entries"),
    (torch.eye(3), r"must be a stack \(R, N, N\), got shape \(3, 3\)"),
    (torch.ones(2, 3, 4), r"square matrix \(N, N\), got shape \(3, 4\)"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_what_is_no_kernel_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        kernels.spectra(given)


def test_condition_numbers_of_zero_data_and_of_numbers_are_refused():
    with pytest.raises(ValueError, match="the kernel is zero, so nothing can be learnt"):
        kernels.condition_number(torch.zeros(2, 2))
    with pytest.raises(ValueError, match=r"must have shape \(..., N, N\), got \(2,\)"):
        kernels.condition_number([1.0, 2.0])
    with pytest.raises(TypeError, match="kernels must hold numbers, got 'H'"):
        kernels.condition_number("H")


def test_data_that_cannot_be_whitened_are_refused():
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
