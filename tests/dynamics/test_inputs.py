"""How the room reads eigenvalues, weights, kernels and steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.dynamics import _inputs
from rootkappa.problems import Spectrum

LIKE = torch.zeros(1, dtype=torch.float64)
VALUES = torch.tensor([1.0, 2.0], dtype=torch.float64)


@pytest.mark.parametrize(
    "given", [[1, 2], (1.0, 2.0), np.array([1.0, 2.0]), VALUES.float(), Spectrum(1, 2)]
)
def test_eigenvalues_of_every_kind_become_float64(given):
    assert torch.equal(_inputs.eigenvalues(given), VALUES)


def test_rounding_below_zero_is_zero_by_the_precision_it_came_in():
    assert _inputs.eigenvalues([-1e-17, 1.0]).tolist() == [0, 1]
    assert _inputs.eigenvalues(torch.tensor([-1e-7, 1.0])).tolist() == [0, 1]
    with pytest.raises(ValueError, match="at least 0, got -1e-07"):
        _inputs.eigenvalues([-1e-7, 1.0])
    assert _inputs.eigenvalues(torch.tensor([[0.5]])).shape == (1, 1)
    assert _inputs.eigenvalues(0.5).shape == ()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([], ValueError, "eigenvalues are empty: give at least one"),
        ([1.0, math.nan], ValueError, "eigenvalues holds 1 NaN"),
        (None, TypeError, "eigenvalues must hold numbers, got None"),
        (torch.eye(2).to_sparse(), TypeError, "eigenvalues is a sparse tensor"),
    ],
)
def test_eigenvalues_that_are_none(given, error, message):
    with pytest.raises(error, match=message):
        _inputs.eigenvalues(given)


@pytest.mark.parametrize(
    "given", [3, 3.0, np.int64(3), torch.tensor(3), range(4), [0, 1, 2, 3], np.arange(4)]
)
def test_steps_up_to_one_or_one_by_one(given):
    found = _inputs.steps(given, LIKE)
    assert (found.tolist(), found.dtype) == ([0, 1, 2, 3], torch.float64)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (1.5, TypeError, "steps must be a whole number, got 1.5"),
        ([0, 1.5], TypeError, "steps must be whole numbers, got 1.5"),
        (torch.tensor([2.5]), TypeError, "steps must be whole numbers, got 2.5"),
        (-1, ValueError, "steps must be at least 0, got -1"),
        ([3, -1], ValueError, "steps must lie in 0..2.53, got -1 to 3"),
        ([[1]], ValueError, r"steps must be a vector of whole numbers, got shape \(1, 1\)"),
        (None, TypeError, "steps must be a whole number, got None"),
        ("12", TypeError, "steps must be a sequence, got '12'"),
        (True, TypeError, "steps must be a whole number, got True"),
    ],
)
def test_steps_that_are_none(given, error, message):
    with pytest.raises(error, match=message):
        _inputs.steps(given, LIKE)


def _singular(dtype):
    J = torch.randn(6, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64).to(dtype)
    return J @ J.T


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_rank_of_a_kernel_is_that_of_its_spectrum(dtype, scale):
    kernels = torch.stack([_singular(dtype), 1e-5 * _singular(dtype)]) * scale
    values, vectors, weights = _inputs.decompose(kernels, torch.ones(2, 6))
    assert (values == 0).sum(-1).tolist() == [Spectrum.of(k).dropped for k in kernels] == [3, 3]
    assert values.dtype == vectors.dtype == weights.dtype == torch.float64
    rebuilt = vectors @ torch.diag_embed(values) @ vectors.mT
    torch.testing.assert_close(rebuilt, kernels.double(), rtol=0, atol=float(kernels.max()) * 1e-6)
    torch.testing.assert_close((vectors @ weights[..., None])[..., 0], torch.ones(2, 6).double())


def test_a_pair_is_taken_as_it_is():
    given = torch.linalg.eigh(_singular(torch.float64) + torch.eye(6))
    values, vectors, weights = _inputs.decompose(tuple(given), np.ones(6))
    assert torch.equal(values, given.eigenvalues)
    assert torch.equal(vectors, given.eigenvectors)
    torch.testing.assert_close(weights, given.eigenvectors.sum(0))


EYE = torch.eye(2)


@pytest.mark.parametrize(
    ("kernel", "residual", "message"),
    [
        (torch.ones(2), [1.0, 1.0], r"square matrix \(N, N\), got shape \(2,\)"),
        (torch.ones(2, 3), [1.0, 1.0], r"square matrix \(N, N\), got shape \(2, 3\)"),
        ([[1.0, 5.0], [0.0, 1.0]], [1.0, 1.0], "the kernel is not symmetric, .* by 5: give J J"),
        (-EYE, [1.0, 1.0], "eigenvalues must be at least 0, got -1"),
        (EYE, [1.0, 1.0, 1.0], "residual has 3 entries and the kernel 2 eigenvalues: vectorise"),
        (EYE, 1.0, "residual has 1 entries and the kernel 2 eigenvalues"),
        (EYE, [math.nan, 1.0], "residual holds 1 NaN"),
        ((VALUES, torch.eye(3)), [1.0, 1.0], "the kernel 2 eigenvalues: vectorise"),
    ],
)
def test_kernels_that_do_not_fit(kernel, residual, message):
    with pytest.raises(ValueError, match=message):
        _inputs.decompose(kernel, residual)


@pytest.mark.parametrize("weights", [1.0, [1.0], [1.0, 2.0, 3.0]])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(ValueError, match=r"eigenvalues have shape \(2,\) .*: give one weight an"):
        _inputs.shares(weights, VALUES)
