"""What every flow does alike: residual vectors, integration of any gradient, clocks."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, GradientFlow, VanishingFriction

FLOWS = [GradientFlow(), ConstantFriction(0.7), VanishingFriction(3.0)]
ONE = torch.ones(1, dtype=torch.float64)


@pytest.mark.parametrize("flow", FLOWS, ids=repr)
def test_residuals_of_a_kernel_that_is_not_diagonal(flow):
    torch.manual_seed(0)
    factor = torch.randn(5, 5, dtype=torch.float64)
    kernel, start = factor @ factor.T, torch.randn(5, dtype=torch.float64)
    times = torch.linspace(0, 5, 6, dtype=torch.float64)
    found = flow.integrate(lambda w: kernel @ w, start, times)
    torch.testing.assert_close(flow.residuals(kernel, start, times), found, atol=1e-10, rtol=0)
    pair = tuple(torch.linalg.eigh(kernel))
    torch.testing.assert_close(flow.residuals(pair, start, times), found, atol=1e-10, rtol=0)


def test_a_gradient_that_is_not_linear_is_integrated():
    # W' = -W^3 from W(0) = w is w/sqrt(1 + 2 w^2 t), entry by entry.
    start, times = torch.tensor([[1.0, -2.0]]).double(), torch.tensor([0.5, 3.0]).double()
    found = GradientFlow().integrate(lambda w: w**3, start, times)
    expected = start / (1 + 2 * start**2 * times[:, None, None]).sqrt()
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=0)


def test_clocks():
    assert GradientFlow().clock(0.01, 30) == pytest.approx(0.3)
    assert ConstantFriction(1).clock(0.01, 30) == VanishingFriction().clock(0.01, 30) == 3


def _integrate(start, times):
    return GradientFlow().integrate(lambda w: w, start, times)


BAD = [
    (lambda: GradientFlow().clock(-1, 3), "step size must .* got -1"),
    (lambda: GradientFlow().clock(1, -3), "step must be .* at least 0, got -3"),
    (lambda: _integrate([], [1.0]), r"start holds no number: give W\(0\)"),
    (lambda: _integrate([math.nan], [1.0]), "start holds 1 NaN"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
