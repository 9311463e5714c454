"""The integrator on functions whose flow is known without any mode."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, GradientFlow, VanishingFriction
from rootkappa.dynamics._integrator import integrate

TIMES = torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64)


def test_gradient_flow_of_a_quartic():
    start = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    found = GradientFlow().integrate(lambda w: w**3, start, TIMES)
    exact = start / torch.sqrt(1 + 2 * TIMES[:, None, None] * start**2)
    torch.testing.assert_close(found, exact, rtol=1e-11, atol=0)


def test_energy_is_kept_without_friction_and_lost_with_it():
    start = torch.tensor([0.7], dtype=torch.float64)
    period = 2 * torch.pi * torch.arange(4, dtype=torch.float64)
    free = ConstantFriction(0.0).integrate(lambda w: w, start, period)
    torch.testing.assert_close(free, start.expand(4, 1), rtol=0, atol=1e-11)
    damped = ConstantFriction(0.1).integrate(lambda w: w, start, period)
    assert bool((damped.abs().diff(dim=0) < 0).all())


def test_a_pendulum_has_the_period_of_the_elliptic_integral():
    # W'' + sin W = 0 from pi/2: four times K(sin pi/4) = Gamma(1/4)^2/(4 sqrt pi).
    period = math.gamma(0.25) ** 2 / math.sqrt(math.pi)
    start = torch.tensor([math.pi / 2], dtype=torch.float64)
    found = ConstantFriction(0.0).integrate(torch.sin, start, [period / 2, period])
    torch.testing.assert_close(found, torch.stack([-start, start]), rtol=0, atol=1e-10)


def test_lists_shapes_and_the_time_zero():
    start = [[1.0, 2.0], [3.0, 4.0]]
    found = VanishingFriction().integrate(lambda w: w, start, [0.0, 1.0])
    assert found.shape == (2, 2, 2)
    assert found[0].tolist() == start
    coarse = VanishingFriction().integrate(lambda w: w, start, [1.0], tolerance=1e-3)
    assert 0 < float((coarse[0] - found[1]).abs().max()) < 1e-2


ONE = torch.ones(1, dtype=torch.float64)
BAD = [
    (ONE, [2.0, 1.0], 1e-9, ValueError, r"times must increase from 0 on, got \[2.0, 1.0\]"),
    (ONE, [1.0, 1.0], 1e-9, ValueError, "times must increase from 0 on"),
    (ONE, [], 1e-9, ValueError, r"times must increase from 0 on, got \[\]"),
    (ONE, [-1.0], 1e-9, ValueError, "least time -1.0: flows start at t = 0"),
    (None, [1.0], 1e-9, TypeError, "start must hold numbers, got None"),
    (ONE, [1.0], 0.0, ValueError, "tolerance must be a finite number above 0, got 0"),
]


@pytest.mark.parametrize(("start", "times", "tolerance", "error", "message"), BAD)
def test_messages(start, times, tolerance, error, message):
    with pytest.raises(error, match=message):
        GradientFlow().integrate(lambda w: w, start, times, tolerance)


def test_an_explosion_is_reported():
    with pytest.raises(RuntimeError, match=r"the integrator stopped: .* Raise the tolerance"):
        GradientFlow().integrate(lambda w: -(w**2), ONE, [1.5], 1e-6)


def test_the_field_is_told_the_time():
    # S' = 3 t^2 adds t^3, whatever the state.
    start, times = torch.ones(2, 1, dtype=torch.float64), torch.tensor([0.5, 1.0, 2.0]).double()
    found = integrate(lambda t, S: torch.full_like(S, 3 * t**2), start, times, 1e-12)
    assert found.shape == (3, 2, 1)
    assert found[:, 1, 0].tolist() == pytest.approx([1.125, 2, 9], rel=1e-12)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 2, 2)])
def test_a_state_of_any_shape_comes_back_in_it(shape):
    start = torch.full(shape, 2.0, dtype=torch.float64)
    found = integrate(lambda t, S: -S, start, torch.tensor([0.0, 1.0]).double(), 1e-12)
    assert found.shape == (2, *shape)
    assert torch.equal(found[0], start)
    torch.testing.assert_close(found[1], start * math.exp(-1), rtol=1e-11, atol=0)


def test_entries_keep_their_places():
    # A rotation with another speed for each column: rows must not be taken for columns.
    speed = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)

    def field(t, S):
        assert S.shape == (2, 3)
        return torch.stack([-speed * S[1], speed * S[0]])

    start = torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    (found,) = integrate(field, start, torch.tensor([0.7], dtype=torch.float64), 1e-12)
    exact = torch.stack([torch.cos(0.7 * speed), torch.sin(0.7 * speed)])
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-11)


def test_a_state_in_single_precision_stays_in_it():
    start = torch.ones(2)
    found = integrate(lambda t, S: -S, start, torch.tensor([1.0]).double(), 1e-10)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found[0], torch.full((2,), math.exp(-1)))


@pytest.mark.parametrize("scale", [1e-200, 1e-6, 1.0, 1e6])
def test_the_tolerance_is_relative_to_the_state(scale):
    start = torch.tensor([scale], dtype=torch.float64)
    (found,) = integrate(lambda t, S: -S, start, torch.tensor([3.0]).double(), 1e-10)
    assert float(found) / scale == pytest.approx(math.exp(-3), rel=1e-8)


def test_a_state_of_zeros_can_be_followed():
    start, times = torch.zeros(2, dtype=torch.float64), torch.tensor([1.0, 2.0]).double()
    assert integrate(lambda t, S: -S, start, times, 1e-13).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    "flow", [GradientFlow(), ConstantFriction(0.7), VanishingFriction(3.0)], ids=repr
)
def test_flows_start_from_zero_weights_as_from_others(flow, scale):
    # Towards b from 0: what is left, w - b, starts at -b and is the mode's response.
    target, times = scale * torch.tensor([1.0, -3.0]).double(), torch.tensor([0.5, 2.0]).double()
    found = flow.integrate(lambda w: 2 * (w - target), torch.zeros(2).double(), times)
    left = -target * flow.response([2.0], times)[0, :, None]
    torch.testing.assert_close(found - target, left, rtol=1e-10, atol=1e-11 * scale)


def test_a_smaller_tolerance_is_a_smaller_error_down_to_the_finest():
    start, times = torch.ones(1, dtype=torch.float64), torch.tensor([6.0]).double()
    misses = [
        abs(float(integrate(lambda t, S: -S, start, times, tolerance)) - math.exp(-6))
        for tolerance in (1e-4, 1e-7, 1e-10)
    ]
    assert misses[0] > 10 * misses[1] > 100 * misses[2]
    # Below what the method can resolve it is asked for no more than that, and says nothing.
    finest = float(integrate(lambda t, S: -S, start, times, 1e-16))
    assert finest == pytest.approx(math.exp(-6), rel=1e-11)


def test_times_between_change_nothing_that_comes_after():
    start = torch.tensor([1.0, -0.5], dtype=torch.float64)
    few, many = (
        integrate(lambda t, S: -(S**3), start, torch.tensor(times).double(), 1e-12)
        for times in ([2.0], [0.1, 0.5, 1.0, 1.9, 2.0])
    )
    torch.testing.assert_close(many[-1], few[-1], rtol=1e-10, atol=0)
    torch.testing.assert_close(few[-1], start / (1 + 4 * start**2).sqrt(), rtol=1e-10, atol=0)


def test_a_gradient_may_carry_a_graph_of_its_own():
    # As of a loss by automatic differentiation: what it hangs on is not followed.
    rate = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    found = GradientFlow().integrate(lambda w: rate * w, ONE, [0.5])
    assert not found.requires_grad
    assert float(found) == pytest.approx(math.exp(-1), rel=1e-11)
