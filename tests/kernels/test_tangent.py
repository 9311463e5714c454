"""Closed-form kernels against automatic differentiation; spectra against known ones."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, Quadratic, TwoLayerReLU, datasets, kernels
from rootkappa.problems import SpectrumWarning


def test_closed_forms_equal_the_jacobian(model, rounding):
    weights = model.initialise([0, 1])
    exact = kernels.empirical(model, weights)
    error = (model.tangent_kernel(weights) - exact).norm() / exact.norm()
    assert error < rounding


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
    with pytest.warns(SpectrumWarning, match="kappa has few digits: use float64"):
        (spectrum,) = single.spectra(single.initialise([0]))
    assert spectrum.why.startswith("3 eigenvalues count as zero: at most 2.6e-12")


BAD = [
    (torch.zeros(1, 3, 3), "kernel 0 of the stack: the kernel is zero"),
    (
        torch.stack([torch.eye(3), torch.diag(torch.tensor([-5.0, 1, 2]))]),
        r"kernel 1 of .* at least 0, got -5",
    ),
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
    with pytest.raises(ValueError, match=r"must have shape \(..., N, N\), got \(3, 0, 0\)"):
        kernels.condition_number(torch.zeros(3, 0, 0))
    with pytest.raises(TypeError, match="kernels must hold numbers, got 'H'"):
        kernels.condition_number("H")


@pytest.mark.parametrize("scale", [1e-6, 3.0, 1e6])
def test_units_and_order_of_kernels(scale):
    stack = torch.stack([torch.diag(torch.tensor(v).double()) for v in ([1.0, 2, 8], [3.0, 1, 9])])
    assert kernels.condition_number(scale * stack).tolist() == pytest.approx([8, 9])
    assert kernels.condition_number(stack[[1, 0, 1]]).tolist() == pytest.approx([9, 8, 9])
    tops = [one.lambda_max for one in kernels.spectra(scale * stack)]
    assert tops == pytest.approx([8 * scale, 9 * scale])
    turned = stack[:, [2, 0, 1]][:, :, [2, 0, 1]]
    assert kernels.condition_number(turned).tolist() == pytest.approx([8, 9])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_condition_numbers_come_in_the_dtype_of_the_kernels(dtype):
    found = kernels.condition_number(torch.eye(3, dtype=dtype)[None].expand(2, 3, 3))
    assert (found.dtype, found.tolist()) == (dtype, [1, 1])


def test_a_kernel_of_outputs_that_scale_is_their_square():
    data = datasets.gaussian(d=3, k=2, n=4)
    model = DeepLinear(data.X, data.Y, 5, 1)
    larger = DeepLinear(4 * data.X, data.Y, 5, 1)
    weights = model.initialise([0])
    torch.testing.assert_close(
        kernels.empirical(larger, weights), 16 * kernels.empirical(model, weights)
    )
