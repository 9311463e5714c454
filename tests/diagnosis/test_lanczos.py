"""Lanczos against dense eigenvalues, and its Gauss rule against moments."""

from __future__ import annotations

import pytest
import torch

from rootkappa.diagnosis.lanczos import lanczos


def _matrix(values, seed=0):
    source = torch.Generator().manual_seed(seed)
    size = len(values)
    Q = torch.linalg.qr(torch.randn(size, size, generator=source, dtype=torch.float64)).Q
    return (Q * values) @ Q.T


VALUES = torch.logspace(-3, 0, 20, dtype=torch.float64)
START = torch.ones(4, 5, dtype=torch.float64)


def _run(matrix, start, most=100):
    return list(lanczos(lambda v: (matrix @ v.flatten()).view_as(v), start, most))


def test_a_complete_space_gives_all_eigenvalues():
    *_, last = _run(_matrix(VALUES), START)
    assert last.complete
    torch.testing.assert_close(last.values, VALUES)
    torch.testing.assert_close(last.basis @ last.basis.T, torch.eye(20, dtype=torch.float64))
    torch.testing.assert_close(last.assemble(last.weights * last.length), START.flatten())


@pytest.mark.parametrize("count", [1, 4, 9])
def test_moments_are_exact_to_twice_the_number_of_products(count):
    M = _matrix(VALUES)
    known = _run(M, START, most=count)[-1]
    assert len(known.values) == count
    start = START.flatten() / known.length
    for power in range(2 * count):
        exact = start @ torch.linalg.matrix_power(M, power) @ start
        torch.testing.assert_close(known.weights.square() @ known.values**power, exact)


def test_a_start_that_sees_few_modes_is_soon_complete():
    M = torch.diag(VALUES)
    start = torch.zeros(20, dtype=torch.float64)
    start[[2, 11]] = torch.tensor([3.0, 4.0], dtype=torch.float64)
    *_, last = _run(M, start)
    assert last.complete
    torch.testing.assert_close(last.values, VALUES[[2, 11]])
    torch.testing.assert_close(last.weights.square(), torch.tensor([9.0, 16.0]).double() / 25)


def test_single_precision_ends_at_its_rounding():
    M = torch.diag(torch.tensor([1.0, 0.5, 0.25]))
    *_, last = _run(M, torch.ones(3))
    assert last.complete
    torch.testing.assert_close(
        last.values, torch.tensor([0.25, 0.5, 1.0]).double(), rtol=1e-6, atol=0
    )
