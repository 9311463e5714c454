"""Spectra against matrices whose eigenvalues are known, and what they refuse."""

from __future__ import annotations

import dataclasses
import math
import re
import warnings
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import torch

from rootkappa.problems import Spectrum, SpectrumWarning, numerical_rank
from rootkappa.problems.spectrum import rounding_level, semidefinite


def _hilbert(n):
    i = torch.arange(n, dtype=torch.float64)
    return 1 / (i[:, None] + i + 1)


def _rotated(values, seed=0):
    source = torch.Generator().manual_seed(seed)
    values = torch.as_tensor(values, dtype=torch.float64)
    Q, _ = torch.linalg.qr(torch.randn(len(values), len(values), generator=source).double())
    kernel = Q @ torch.diag(values) @ Q.T
    return (kernel + kernel.T) / 2


def _path_kernel(n):
    # The second difference: its eigenvalues are 4 sin^2(k pi/(2 n + 2)).
    return (
        2 * torch.eye(n).double() - torch.ones(n - 1).double().diag(1) - torch.ones(n - 1).diag(-1)
    )


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_eigenvalues_that_are_known_in_closed_form(n):
    k = torch.arange(1, n + 1, dtype=torch.float64)
    exact = 4 * torch.sin(k * math.pi / (2 * n + 2)).square()
    found = Spectrum.of(_path_kernel(n))
    torch.testing.assert_close(found.eigenvalues, exact, rtol=1e-12, atol=0)
    assert (found.lambda_min, found.lambda_max) == (found.eigenvalues[0], found.eigenvalues[-1])
    assert found.kappa == pytest.approx(float(exact[-1] / exact[0]), rel=1e-12)
    assert (found.dropped, found.why) == (0, "")


@pytest.mark.parametrize("n", [3, 5, 8])
def test_the_jacobian_keeps_the_digits_of_hilbert_matrices(n):
    with mpmath.workdps(60):
        exact = mpmath.eigsy(mpmath.hilbert(n), eigvals_only=True)
        kappa = float((max(exact) / min(exact)) ** 2)
    assert Spectrum.of_jacobian(_hilbert(n)).kappa == pytest.approx(kappa, rel=1e-4)
    if n == 8:
        assert kappa == pytest.approx(2.33e20, rel=1e-3)


def test_the_product_of_hilbert_matrices_says_what_it_lost():
    J = _hilbert(8)
    with pytest.warns(SpectrumWarning, match=r"next to the rounding level .*: use Spectrum.of_jac"):
        found = Spectrum.of(J @ J.T)
    assert found.kappa < 1e15
    assert found.dropped >= 2
    assert found.why.startswith(f"{found.dropped} eigenvalues count as zero: at most ")


def test_single_precision_says_what_it_cannot_resolve():
    with pytest.warns(SpectrumWarning, match="kappa has few digits: use float64"):
        found = Spectrum.of_jacobian(_hilbert(8).float())
    assert found.dropped >= 1
    assert found.cut > 1e-13 * found.lambda_max
    assert found.eigenvalues.dtype == torch.float64
    with pytest.warns(SpectrumWarning, match="use float64"):
        Spectrum.of(_rotated([1e-5, 1.0, 2.0]).float())
    assert Spectrum.of(_rotated([0.5, 1.0, 2.0]).float()).kappa == pytest.approx(4, rel=1e-5)


@pytest.mark.parametrize("scale", [1e-150, 1e-8, 1.0, 1e8, 1e150])
@pytest.mark.parametrize("zeros", [0, 1, 5])
def test_ranks_are_counted_relative_to_the_greatest(scale, zeros):
    values = torch.cat([torch.zeros(zeros), torch.tensor([0.02, 0.1, 1.0])]).double()
    found = Spectrum.of(scale * _rotated(values))
    assert found.dropped == zeros
    assert found.kappa == pytest.approx(50)
    assert found.lambda_max == pytest.approx(scale)
    assert found.cut < 1e-13 * scale


def test_one_kernel_never_sees_another():
    kernels = [_rotated([1e-9, 1.0]), 1e9 * _rotated([0.0, 1.0])]
    assert [Spectrum.of(kernel).dropped for kernel in kernels] == [0, 1]


def test_a_tall_jacobian_drops_what_must_be_zero():
    J = torch.randn(6, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    found, product = Spectrum.of_jacobian(J), Spectrum.of(J @ J.T)
    assert (found.dropped, product.dropped) == (4, 4)
    torch.testing.assert_close(found.eigenvalues, product.eigenvalues)
    assert Spectrum.of_jacobian(J.T).dropped == 0


def test_a_given_rank_overrules_the_level_and_the_cut_says_so():
    found = Spectrum.of_values([1e-3, 5.0, 2e-3, 1.0], rank=2)
    assert found.eigenvalues.tolist() == [1, 5]
    assert (found.dropped, found.cut) == (2, 2e-3)
    with pytest.warns(SpectrumWarning, match="next to"):
        assert Spectrum.of_values([1e-17, 1.0, 1.0], rank=3).dropped == 0


def test_a_negative_eigenvalue_shows_how_large_rounding_is():
    noise = 3e-15
    found = Spectrum.of_values([-noise, noise, 0.5, 1.0])
    assert (found.dropped, found.cut) == (2, noise)


@pytest.mark.parametrize("near", [False, True])
def test_the_warning_comes_within_a_thousand_levels(near):
    level = 2 * torch.finfo(torch.float64).eps
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Spectrum.of_values([level * (999 if near else 1001), 1.0])
    assert len(caught) == near
    assert all(entry.filename == __file__ for entry in caught)


@pytest.mark.parametrize(
    "kernel", [np.diag([1.0, 4.0]), [[1, 0], [0, 4]], np.diag([4.0, 1.0])[::-1, ::-1]]
)
def test_arrays_and_lists(kernel):
    assert Spectrum.of(kernel).kappa == Spectrum.of_values(np.diag(kernel) * 1.0).kappa == 4
    assert Spectrum.of_jacobian(kernel).kappa == 16


def test_ends_alone():
    for found in (Spectrum(1, 2), Spectrum.read(1.0, np.float64(2)), Spectrum.read(Spectrum(1, 2))):
        assert (found.lambda_min, found.lambda_max, found.kappa) == (1.0, 2.0, 2.0)
        assert found.eigenvalues.tolist() == [1, 2]
        assert (found.dropped, found.cut, found.why) == (0, 0, "")
    assert Spectrum(1, 2) == Spectrum(1.0, 2.0)


def test_levels_of_a_stack_are_those_of_its_members():
    stack = torch.tensor([[1e-17, 1.0], [1e-3, 1e9]], dtype=torch.float64)
    levels = rounding_level(stack, torch.float64)
    assert levels.shape == (2, 1)
    assert [numerical_rank(row) for row in stack] == (stack > levels).sum(1).tolist() == [1, 2]
    assert numerical_rank(torch.tensor([1.0, 1e-10]), size=10) == 1
    with pytest.raises(ValueError, match="at least 0, got -1: give those of J J"):
        semidefinite(torch.tensor([[0.0, 1e20], [-1.0, 1.0]]), torch.float64)


NAN = [[math.nan, 0.0], [0.0, 1.0]]
BAD = [
    (
        lambda: Spectrum.of(torch.diag(torch.tensor([-5.0, 1.0, 2.0]))),
        "least 0, got -5: give those",
    ),
    (lambda: Spectrum.of([[1.0, 1e6], [0.0, 2.0]]), r"not symmetric, .* by 1e\+06: give J J\^T"),
    (lambda: Spectrum.of(NAN), "kernel holds 1 NaN or infinite entries"),
    (lambda: Spectrum.of(torch.zeros(3, 3)), "the kernel is zero, so nothing can be learnt"),
    (lambda: Spectrum.of(torch.zeros(3, 3), rank=2), "the kernel is zero"),
    (lambda: Spectrum.of(torch.ones(2, 3)), r"square matrix \(N, N\), got shape \(2, 3\)"),
    (lambda: Spectrum.of(torch.ones(4, 2, 2)), r"got \(4, 2, 2\): pass the kernels of a stack"),
    (lambda: Spectrum.of(torch.ones(0, 0)), r"square matrix \(N, N\), got shape \(0, 0\)"),
    (
        lambda: Spectrum.of_jacobian([1.0]),
        r"a Jacobian must be a matrix \(N, p\), got shape \(1,\)",
    ),
    (lambda: Spectrum.of_jacobian(torch.ones(0, 3)), r"\(N, p\), got shape \(0, 3\)"),
    (lambda: Spectrum.of_jacobian(torch.zeros(2, 3)), "the kernel is zero"),
    (lambda: Spectrum.of_jacobian(NAN), "jacobian holds 1 NaN"),
    (lambda: Spectrum.of_values([-1.0, -2.0]), "at least 0, got -2"),
    (lambda: Spectrum.of_values([[1.0]]), r"must be a vector .* got shape \(1, 1\)"),
    (lambda: Spectrum.of_values([1.0, 2.0], rank=3), r"rank must lie in 1..2, got 3: count again"),
    (lambda: Spectrum.of_values([1.0, 2.0], rank=0), "rank must be at least 1, got 0"),
    (lambda: Spectrum.of_values([0.0, 2.0], rank=2), "1 eigenvalues of 0 among the 2 of its rank"),
    (lambda: Spectrum(2.0, 1.0), "lambda_max must be at least lambda_min = 2.0, got 1.0: swap"),
    (lambda: Spectrum(0.0, 1.0), "lambda_min must be a finite number above 0, got 0"),
    (lambda: Spectrum(1.0, math.inf), "lambda_max must be a finite number above 0, got inf"),
    (lambda: Spectrum(1.0, math.nan), "lambda_max must be a finite number above 0, got nan"),
    (lambda: Spectrum(1.0, 2.0, eigenvalues=[2.0, 1.0]), "must ascend from .* = 1.0 to .* = 2.0"),
    (lambda: Spectrum(1.0, 2.0, eigenvalues=[1.0, 3.0]), "use Spectrum.of_values"),
    (lambda: Spectrum(1.0, 2.0, dropped=-1), "dropped must be at least 0, got -1"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


KINDS = [
    (lambda: Spectrum.of(None), "kernel must hold numbers, got None"),
    (lambda: Spectrum.of(torch.eye(2).to_sparse()), r"sparse tensor: pass kernel.to_dense\(\)"),
    (lambda: Spectrum.of(torch.eye(2, device="meta")), "kernel is on the meta device"),
    (lambda: Spectrum.of_values([1.0, 2.0], rank=1.5), "rank must be a whole number, got 1.5"),
    (lambda: Spectrum("1", 2.0), "lambda_min must be a number, got '1'"),
    (lambda: Spectrum.read(2.0), "got 2.0 alone: give a Spectrum, or lambda_min and lambda_max"),
    (lambda: Spectrum.read(None), "got None alone"),
    (lambda: Spectrum.read(Spectrum(1, 2), 3.0), "got a spectrum and lambda_max = 3.0: give one"),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_eigenvalues_interlace_when_a_sample_is_removed():
    # Cauchy: an oracle that knows neither the level nor the solver.
    kernel = _rotated([0.3, 1.0, 2.0, 5.0], seed=4)
    whole, part = Spectrum.of(kernel).eigenvalues, Spectrum.of(kernel[1:, 1:]).eigenvalues
    for (low, high), between in zip(pairwise(whole), part, strict=True):
        assert low <= between <= high


def test_what_comes_in_float32_is_solved_in_float64():
    J = torch.randn(5, 9, generator=torch.Generator().manual_seed(6))
    exact = np.linalg.svd(J.numpy().astype(float), compute_uv=False)[::-1] ** 2
    np.testing.assert_allclose(Spectrum.of_jacobian(J).eigenvalues, exact, rtol=1e-12)
    kernel = J @ J.T
    kernel = (kernel + kernel.T) / 2
    exact = np.linalg.eigvalsh(kernel.numpy().astype(float))
    np.testing.assert_allclose(Spectrum.of(kernel).eigenvalues, exact, rtol=1e-12)


@pytest.mark.parametrize("make", [Spectrum.of, Spectrum.of_jacobian, Spectrum.of_values])
def test_no_gradient_is_kept(make):
    given = torch.tensor([1.0, 2.0]).double()
    given = (given if make == Spectrum.of_values else given.diag()).requires_grad_()
    assert not make(given).eigenvalues.requires_grad
    assert given.requires_grad


@pytest.mark.parametrize("side", ["rows", "columns", "turned"])
def test_kernels_may_be_views(side):
    kernel = _rotated([0.5, 1.0, 2.0, 8.0])
    wide = torch.zeros(8, 8, dtype=torch.float64)
    views = {"rows": wide[::2, :4], "columns": wide[:4, ::2], "turned": wide[:4, :4].T}
    views[side].copy_(kernel)
    assert not views[side].is_contiguous()
    exact = torch.tensor([0.5, 1.0, 2.0, 8.0], dtype=torch.float64)
    torch.testing.assert_close(Spectrum.of(views[side]).eigenvalues, exact)


def test_one_eigenvalue_is_a_spectrum():
    for found in (
        Spectrum.of([[3.0]]),
        Spectrum.of_jacobian([[3.0**0.5]]),
        Spectrum.of_values([3.0]),
    ):
        assert (found.lambda_min, found.lambda_max) == pytest.approx((3.0, 3.0))
        assert (found.kappa, found.dropped, found.why) == (1, 0, "")


def test_equal_eigenvalues_are_all_kept():
    found = Spectrum.of(_rotated([0.0, 2.0, 2.0, 2.0]))
    assert (found.dropped, len(found.eigenvalues)) == (1, 3)
    assert found.kappa == pytest.approx(1)
    assert Spectrum.of_values([2.0, 2.0]).eigenvalues.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("values", "rank", "words"),
    [
        ([1.0, 2.0], None, ""),
        ([0.0, 2.0], None, "1 eigenvalue counts as zero: at most 8.9e-16, beside a greatest of 2"),
        ([0.0, 0.0, 8.0], None, "2 eigenvalues count as zero: at most 5.3e-15, beside a grea.* 8"),
        ([0.25, 0.5, 8.0], 1, "2 eigenvalues count as zero: at most 0.5, beside a greatest of 8"),
    ],
)
def test_what_was_dropped_is_told_in_a_sentence(values, rank, words):
    assert re.fullmatch(words, Spectrum.of_values(values, rank).why)


def test_spectra_are_equal_by_their_ends_and_what_was_dropped():
    # Eigenvalues between the ends are seen by no bound; they are neither compared nor printed.
    full, ends = Spectrum.of_values([1.0, 2.0, 5.0]), Spectrum.of_values([1.0, 5.0])
    assert Spectrum(1, 5, eigenvalues=[1.0, 2.0, 5.0]) == Spectrum(1, 5)
    assert hash(Spectrum(1, 5)) == hash(Spectrum(1, 5, eigenvalues=[1.0, 2.0, 5.0]))
    assert Spectrum(1, 5) != Spectrum(1, 5, dropped=1) != Spectrum(1, 5, dropped=1, cut=0.5)
    assert "eigenvalues" not in repr(full)
    assert full.kappa == ends.kappa == 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        full.lambda_min = 0.0


def test_numbers_of_every_kind_are_kept_as_plain_ones():
    found = Spectrum(np.float32(1), torch.tensor(4), np.int64(2), 1, np.float32([1, 2, 4]))
    kept = (found.lambda_min, found.lambda_max, found.dropped, found.cut)
    assert kept == (1, 4, 2, 1)
    assert [type(number) for number in kept] == [float, float, int, float]
    assert (found.eigenvalues.dtype, found.eigenvalues.tolist()) == (torch.float64, [1, 2, 4])


def test_ties_and_one_eigenvalue_are_in_order():
    assert Spectrum(2, 2, eigenvalues=[2.0]).eigenvalues.tolist() == [2]
    assert Spectrum(1, 2, eigenvalues=[1.0, 1.0, 2.0, 2.0]).kappa == 2
