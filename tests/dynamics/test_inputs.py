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
        ((VALUES, torch.eye(3)), [1.0, 1.0], r"\(2,\) and eigenvectors \(3, 3\): give \(..., N\)"),
        ((VALUES, VALUES), [1.0, 1.0], r"shape \(2,\) and eigenvectors \(2,\): give"),
        ((1.0, [[1.0]]), [1.0], r"eigenvalues have shape \(\) and eigenvectors \(1, 1\): give"),
        ((VALUES,), [1.0, 1.0], "got 1 parts of a kernel: give .eigenvalues, eigenvectors."),
    ],
)
def test_kernels_that_do_not_fit(kernel, residual, message):
    with pytest.raises(ValueError, match=message):
        _inputs.decompose(kernel, residual)


@pytest.mark.parametrize("weights", [1.0, [1.0], [1.0, 2.0, 3.0]])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(ValueError, match=r"eigenvalues have shape \(2,\) .*: give one weight an"):
        _inputs.shares(weights, VALUES)


@pytest.mark.parametrize(
    "given", [[0, 1.5], (0.0, 1.5), np.array([0.0, 1.5]), torch.tensor([0, 1.5])]
)
def test_times_of_every_kind_become_float64(given):
    found = _inputs.times(given)
    assert (found.tolist(), found.dtype) == ([0, 1.5], torch.float64)


def test_no_times_are_times_too():
    assert _inputs.times([]).shape == (0,)
    assert _inputs.times(torch.empty(0)).dtype == torch.float64


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            2.0,
            ValueError,
            r"a vector of numbers at least 0, got shape \(\) and least time 2.0: flows",
        ),
        (
            [[1.0, -3.0]],
            ValueError,
            r"got shape \(1, 2\) and least time -3.0: flows start at t = 0",
        ),
        ([1.0, -1e-9], ValueError, r"got shape \(2,\) and least time -1e-09"),
        (torch.empty(0, 2), ValueError, r"got shape \(0, 2\): flows start"),
        ([math.inf], ValueError, "times holds 1 NaN or infinite entries"),
        ("now", TypeError, "times must hold numbers, got 'now'"),
    ],
)
def test_times_that_are_none(given, error, message):
    with pytest.raises(error, match=message):
        _inputs.times(given)


@pytest.mark.parametrize("given", [[3.0, 4.0], np.float32([3, 4]), torch.tensor([3.0, 4.0])])
def test_weights_follow_the_eigenvalues(given):
    found = _inputs.shares(given, VALUES)
    assert (found.tolist(), found.dtype) == ([3, 4], torch.float64)


def test_weights_of_several_runs_share_one_spectrum():
    many = torch.ones(5, 2)
    assert _inputs.shares(many, VALUES).shape == (5, 2)
    assert _inputs.shares([1.0, 2.0], VALUES.expand(3, 2)).shape == (2,)
    with pytest.raises(ValueError, match=r"shape \(\) and weights \(1,\): give one weight"):
        _inputs.shares([1.0], torch.tensor(2.0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_get_the_precision_and_device_of_what_they_are_like(dtype):
    like = torch.zeros(1, dtype=dtype)
    for given in (2, [2, 0], torch.tensor([2, 0]), np.int64(2)):
        assert _inputs.steps(given, like).dtype == dtype
    assert _inputs.steps(0, like).tolist() == [0]
    assert _inputs.steps([], like).tolist() == []


def test_an_eigenvalue_at_the_rounding_level_of_a_kernel_is_zero():
    # Of two values the level is 2 eps times the greater one.
    eps = torch.finfo(torch.float64).eps
    for share, kept in ((2, 0.0), (4, 4 * eps)):
        values, _, _ = _inputs.decompose(torch.tensor([share * eps, 1.0]).double().diag(), [1, 1.0])
        assert values.tolist() == [kept, 1]
    # A pair is believed, small as its values are.
    pair = (torch.tensor([1e-30, 1.0], dtype=torch.float64), torch.eye(2))
    assert _inputs.decompose(pair, [1.0, 1.0])[0].tolist() == [1e-30, 1]


def test_each_kernel_of_a_stack_has_its_own_residual():
    kernels = torch.stack([torch.diag(torch.tensor([1.0, 3.0])), torch.ones(2, 2)]).double()
    residuals = torch.tensor([[1.0, 2.0], [5.0, 3.0]]).double()
    values, vectors, weights = _inputs.decompose(kernels, residuals)
    assert values.tolist() == [pytest.approx([1, 3]), pytest.approx([0, 2], abs=1e-15)]
    # The second one along (1, -1) and (1, 1), over the root of 2.
    assert weights.abs()[1].tolist() == pytest.approx([2**0.5, 8 / 2**0.5])
    for V, xi, w in zip(vectors, residuals, weights, strict=True):
        torch.testing.assert_close(V.T @ xi, w)


def test_one_residual_serves_every_kernel_of_a_stack():
    kernels = torch.stack([torch.eye(3), 2 * torch.eye(3)]).double()
    _, vectors, weights = _inputs.decompose(kernels, [1.0, 2.0, 3.0])
    assert weights.shape == (2, 3)
    back = (vectors @ weights[..., None])[..., 0]
    torch.testing.assert_close(back, torch.tensor([[1.0, 2.0, 3.0]] * 2).double())


def test_negative_rounding_of_each_matrix_is_judged_by_its_own_size():
    # All together are one vector here: the greatest of all decides, as for one matrix.
    found = _inputs.eigenvalues(torch.tensor([[-1e-16, 1.0], [0.5, 2.0]]).double())
    assert found.tolist() == [[0, 1], [0.5, 2]]
    with pytest.raises(ValueError, match=r"at least 0, got -0\.5: give those of J J\^T"):
        _inputs.eigenvalues(torch.tensor([[1.0, 2.0], [-0.5, 2.0]]))


@pytest.mark.parametrize("stack", [(), (3,), (2, 3)])
def test_pairs_come_in_stacks_as_kernels_do(stack):
    kernels = (_singular(torch.float64) + torch.eye(6)).expand(*stack, 6, 6)
    residual = torch.arange(6.0).double().expand(*stack, 6)
    pair = tuple(torch.linalg.eigh(kernels))
    values, vectors, weights = _inputs.decompose(pair, residual)
    assert (values.shape, vectors.shape, weights.shape) == (
        (*stack, 6),
        (*stack, 6, 6),
        (*stack, 6),
    )
    rebuilt = (vectors * (values * weights).unsqueeze(-2)).sum(-1)
    torch.testing.assert_close(rebuilt, (kernels @ residual.unsqueeze(-1)).squeeze(-1))
    for given in (pair, kernels):
        ours = _inputs.decompose(given, residual)
        torch.testing.assert_close(ours[0], values)
        torch.testing.assert_close(ours[2].abs(), weights.abs())


def test_a_pair_in_single_precision_is_read_in_double():
    pair = (torch.tensor([1.0, 2.0]), torch.eye(2))
    values, vectors, weights = _inputs.decompose(pair, torch.tensor([3.0, 4.0]))
    assert {part.dtype for part in (values, vectors, weights)} == {torch.float64}
    assert weights.tolist() == [3, 4]
