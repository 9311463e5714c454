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


@pytest.mark.parametrize("flow", FLOWS, ids=repr)
def test_each_kernel_of_a_stack_has_its_own_residual(flow):
    kernels = torch.stack([torch.diag(torch.tensor([1.0, 4.0])), 9 * torch.eye(2)]).double()
    starts = torch.tensor([[1.0, -2.0], [3.0, 0.5]]).double()
    found = flow.residuals(kernels, starts, [0.0, 0.5])
    assert found.shape == (2, 2, 2)
    torch.testing.assert_close(found[:, 0], starts)
    one, four, nine = flow.response([1.0, 4.0, 9.0], [0.5])[:, 0].tolist()
    expected = torch.tensor([[one, -2 * four], [3 * nine, 0.5 * nine]]).double()
    torch.testing.assert_close(found[:, 1], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("flow", FLOWS, ids=repr)
def test_what_the_kernel_does_not_see_stays(flow):
    # (1, 1) is seen with eigenvalue 2, (1, -1) is not.
    found = flow.residuals(torch.ones(2, 2), [1.0, -1.0], [0.0, 1.0, 30.0])
    torch.testing.assert_close(found, torch.tensor([[1.0, -1.0]] * 3).double())


@pytest.mark.parametrize("flow", FLOWS, ids=repr)
def test_no_times_are_no_residuals(flow):
    assert flow.residuals(torch.eye(2), [1.0, 2.0], []).shape == (0, 2)


@pytest.mark.parametrize(
    ("flow", "power"),
    [(GradientFlow(), 1), (ConstantFriction(2.0), 0.5), (VanishingFriction(), 0.5)],
)
def test_a_clock_counts_from_0_in_steps_of_one_size(flow, power):
    assert flow.clock(0.25, 0) == 0
    assert flow.clock(0.25, 8) == pytest.approx(8 * 0.25**power)
    assert flow.clock(0.25, 0.5) == pytest.approx(0.5 * 0.25**power)
    assert flow.order == (1 if power == 1 else 2)


@pytest.mark.parametrize("flow", FLOWS, ids=repr)
def test_integration_starts_at_rest_from_any_shape(flow):
    # On a slope of 1 everywhere, from rest: -t, and otherwise -t^2/2 at first order of friction.
    start = torch.zeros(2, 3, dtype=torch.float64)
    found = flow.integrate(torch.ones_like, start, [1e-3])
    assert found.shape == (1, 2, 3)
    share = {GradientFlow(): 1e-3, VanishingFriction(3.0): 1e-6 / 8}.get(flow, 1e-6 / 2)
    torch.testing.assert_close(found, torch.full_like(found, -share), rtol=1e-3, atol=0)


def test_a_start_is_left_as_it_is():
    start = torch.tensor([1.0, 2.0], dtype=torch.float64)
    GradientFlow().integrate(lambda w: w, start, [1.0])
    assert start.tolist() == [1, 2]


KINDS = [
    (lambda: GradientFlow().integrate(3, [1.0], [1.0]), "gradient must be a function, got 3"),
    (lambda: GradientFlow().integrate(abs, None, [1.0]), "start must hold numbers, got None"),
    (lambda: GradientFlow().integrate(abs, [1.0], None), "times must hold numbers, got None"),
    (lambda: GradientFlow().clock("1", 3), "step size must be a number, got '1'"),
    (lambda: GradientFlow().clock(1, None), "step must be a number, got None"),
    (lambda: GradientFlow().residuals(None, [1.0], [1.0]), "kernel must hold numbers, got None"),
    (lambda: GradientFlow().residuals([[1.0]], None, [1.0]), "residual must hold numbers, got No"),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_long_list_of_times_is_shown_by_its_head():
    times = [5.0, 4.0, 3.0, 2.0, 1.0]
    with pytest.raises(ValueError, match=r"got \[5.0, 4.0, 3.0, 2.0\]...: sort them and drop"):
        GradientFlow().integrate(lambda w: w, [1.0], times)
