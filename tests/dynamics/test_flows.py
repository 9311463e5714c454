"""The closed forms against SciPy's integrator, and against formulas written otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import special

from rootkappa.dynamics import (
    ConstantFriction,
    GradientFlow,
    VanishingFriction,
    modal_response,
)
from rootkappa.problems import Spectrum

# Without curvature, over-, critically and under-damped for the frictions below.
VALUES = torch.tensor([0.0, 0.25, 1.0, 2.0, 4.0], dtype=torch.float64)
TIMES = torch.linspace(0, 12, 16, dtype=torch.float64)
FLOWS = [
    GradientFlow(),
    *(ConstantFriction(b) for b in (0.0, 0.6, 2.0, 4.0, 5.0)),
    *(VanishingFriction(r) for r in (0.5, 2.0, 3.0, 4.5, 8.0)),
]


@pytest.fixture(params=FLOWS, ids=repr)
def flow(request):
    return request.param


def test_closed_forms_are_what_the_integrator_finds(flow):
    found = flow.integrate(lambda w: VALUES * w, torch.ones_like(VALUES), TIMES)
    assert float((flow.response(VALUES, TIMES) - found.T).abs().max()) < 1e-10


@pytest.mark.parametrize("now", [0.0, 1.0, 7.0])
def test_the_field_is_the_derivative_of_the_state(flow, now):
    h = 1e-4
    states = [
        torch.stack([part(VALUES, [t])[:, 0] for part in (flow.response, flow.velocity)])
        for t in (now, now + h, now + 2 * h)
    ]
    here, ahead, beyond = (state[: flow.order] for state in states)
    slope = (4 * ahead - 3 * here - beyond) / (2 * h)
    found = flow.field(lambda w: VALUES * w, now, here)
    torch.testing.assert_close(found, slope, rtol=0, atol=3e-6)


def test_velocity_is_the_derivative(flow):
    h = 1e-4
    ahead, behind = (flow.response(VALUES, TIMES[1:] + s * h) for s in (1, -1))
    slope = (ahead - behind) / (2 * h)
    torch.testing.assert_close(flow.velocity(VALUES, TIMES[1:]), slope, atol=2e-7, rtol=0)


@pytest.mark.parametrize("r", [0.5, 2.0, 3.0, 6.0])
def test_vanishing_friction_is_a_bessel_function(r):
    z = torch.linspace(0.1, 200, 300, dtype=torch.float64)
    nu = (r - 1) / 2
    bessel = 2**nu * math.gamma(nu + 1) * torch.as_tensor(special.jv(nu, z.numpy())) / z**nu
    one = torch.ones(1, dtype=torch.float64)
    torch.testing.assert_close(VanishingFriction(r).response(one, z)[0], bessel, rtol=0, atol=5e-12)


@pytest.mark.parametrize(("r", "amplitude"), [(2, 1), (3, 2 * math.sqrt(2 / math.pi)), (6, 15)])
def test_the_envelope_and_the_constant_of_the_loss(r, amplitude):
    flow = VanishingFriction(r)
    assert flow.amplitude == pytest.approx(amplitude)
    values = torch.tensor([0.5, 1.0, 2.5], dtype=torch.float64)
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    t = torch.linspace(2000, 4000, 200001, dtype=torch.float64)
    loss = (weights.unsqueeze(1) * flow.response(values, t)).square().sum(0) / 2
    mean = float((t**r * loss).mean())
    assert mean == pytest.approx(flow.loss_constant(values, weights), rel=2e-3)


@pytest.mark.parametrize(("b", "rate"), [(1.0, 0.5), (2.0, 1.0), (2.5, 0.5), (4.0, 2 - 3**0.5)])
def test_exponents_of_constant_friction(b, rate):
    flow = ConstantFriction(b)
    assert flow.exponent(1.0) == pytest.approx(rate)
    one, t = torch.ones(1, dtype=torch.float64), torch.tensor([200.0, 400.0], dtype=torch.float64)
    energy = torch.hypot(flow.response(one, t), flow.velocity(one, t))[0].log()
    assert -float(energy[1] - energy[0]) / 200 == pytest.approx(rate, rel=2e-2)


DISCRETISED = [GradientFlow(), ConstantFriction(0.8), ConstantFriction(3.0), VanishingFriction(5.0)]


@pytest.mark.parametrize("flow", [*DISCRETISED, VanishingFriction()], ids=repr)
def test_the_error_of_the_discretisation_halves_with_the_time_step(flow):
    values = torch.tensor([0.2, 1.0], dtype=torch.float64)
    misses = []
    for tick in (0.032, 0.016):
        eta = tick if flow.order == 1 else tick**2
        k = torch.arange(int(10 / tick) + 1)
        found = modal_response(flow.discretised(eta), values, k)
        exact = flow.response(values, k * flow.clock(eta, 1))
        misses.append(float((found - exact).abs().max()))
    assert misses[0] / misses[1] == pytest.approx(2, rel=0.06)


def test_names_of_discretisations():
    assert GradientFlow().discretised(0.1).name == "gradient descent"
    assert ConstantFriction(2).discretised(0.01).name == "heavy ball, friction 2"
    assert VanishingFriction().discretised(0.01).name == "heavy ball, friction 3/t"


@pytest.mark.parametrize("flow", DISCRETISED, ids=repr)
def test_eigenvalues_and_times_of_every_kind(flow, scale):
    values, times = torch.tensor([0.5, 2.0]).double(), torch.tensor([0.0, 1.0, 3.0]).double()
    found = flow.response(values, times)
    assert torch.equal(flow.response([0.5, 2.0], [0, 1, 3]), found)
    assert torch.equal(flow.response(Spectrum(0.5, 2.0), times.numpy()), found)
    assert found[:, 0].tolist() == [1, 1]
    assert flow.velocity(values, [0.0]).abs().sum() == (2.5 if flow.order == 1 else 0)
    # Other units of the loss are another clock; b is a rate, and r has no unit.
    slower = (
        flow
        if not isinstance(flow, ConstantFriction)
        else ConstantFriction(flow.b * math.sqrt(scale))
    )
    clock = scale if flow.order == 1 else math.sqrt(scale)
    torch.testing.assert_close(slower.response(scale * values, times / clock), found)


ONE = torch.ones(1, dtype=torch.float64)
BAD = [
    (lambda: VanishingFriction(0), ValueError, r"friction r must be .* above 0, got 0"),
    (lambda: VanishingFriction(-3), ValueError, r"friction r must be .* above 0, got -3"),
    (lambda: VanishingFriction("3"), TypeError, "friction r must be a number, got '3'"),
    (lambda: ConstantFriction(-1), ValueError, r"at least 0, got -1: a negative one feeds"),
    (lambda: ConstantFriction(None), TypeError, "friction b must be a number, got None"),
    (lambda: ConstantFriction(1).exponent(-1), ValueError, "eigenvalue must .* got -1"),
    (lambda: ConstantFriction(4).discretised(0.25), ValueError, r"momentum -1, which must .*1/b"),
    (lambda: ConstantFriction(0).discretised(0.25), ValueError, r"friction b = 0 .* momentum 1, "),
    (lambda: GradientFlow().discretised(0), ValueError, "step size must .* got 0"),
    (lambda: GradientFlow().response(ONE, -ONE), ValueError, r"least time -1.0: flows start"),
    (lambda: GradientFlow().response(-ONE, ONE), ValueError, "eigenvalues must be at least 0"),
    (lambda: GradientFlow().response(ONE, 1.0), ValueError, r"vector .* got shape \(\)"),
    (lambda: GradientFlow().response(ONE, None), TypeError, "times must hold numbers, got None"),
    (lambda: VanishingFriction().loss_constant([0.0], [1.0]), ValueError, "got 0: drop the modes"),
    (lambda: VanishingFriction().loss_constant([1.0], [1.0, 2.0]), ValueError, "one weight an eig"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_flows_start_at_one_and_at_rest(flow):
    torch.testing.assert_close(flow.response(VALUES, [0.0])[:, 0], torch.ones_like(VALUES))
    speed = -VALUES if flow.order == 1 else torch.zeros_like(VALUES)
    torch.testing.assert_close(flow.velocity(VALUES, [0.0])[:, 0], speed)
    # Without curvature nothing moves.
    assert flow.response([0.0], TIMES).tolist() == [[1.0] * len(TIMES)]


@pytest.mark.parametrize("scale", [0.1, 4.0])
def test_a_change_of_the_unit_of_time(flow, scale):
    # A kernel larger by c^order is a clock that runs c times as fast, with c times the friction.
    other = ConstantFriction(scale * flow.b) if isinstance(flow, ConstantFriction) else flow
    power = scale**flow.order
    ours = other.response(power * VALUES, TIMES / scale)
    torch.testing.assert_close(ours, flow.response(VALUES, TIMES), rtol=1e-8, atol=1e-10)
    faster = other.velocity(power * VALUES, TIMES / scale)
    torch.testing.assert_close(faster, scale * flow.velocity(VALUES, TIMES), rtol=1e-8, atol=1e-9)


def test_gradient_flow_is_a_semigroup():
    flow = GradientFlow()
    both = flow.response(VALUES, [3.5])
    torch.testing.assert_close(both, flow.response(VALUES, [1.5]) * flow.response(VALUES, [2.0]))


def test_friction_takes_energy_and_nothing_gives_it_back(flow):
    if flow.order == 1:
        return
    fine = torch.linspace(0, 12, 400, dtype=torch.float64)
    moved, speed = flow.response(VALUES, fine), flow.velocity(VALUES, fine)
    energy = (speed.square() + VALUES[:, None] * moved.square()) / 2
    assert float(energy.diff(dim=1).max()) < 1e-9
    if flow == ConstantFriction(0.0):
        torch.testing.assert_close(energy, energy[:, :1].expand_as(energy), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("b", [0.0, 0.3, 2.0, 7.0])
@pytest.mark.parametrize("value", [0.0, 0.25, 1.0, 4.0, 9.0])
def test_the_exponent_is_the_slower_root_of_the_characteristic_equation(b, value):
    slowest = np.roots([1, b, value]).real.max()
    assert ConstantFriction(b).exponent(value) == pytest.approx(-slowest, abs=1e-7)


def test_the_exponent_keeps_its_digits_where_the_root_cancels():
    # b = 10^6 and lambda = 1: (b - sqrt(b^2 - 4))/2 = 1/b + 1/b^3.
    assert ConstantFriction(1e6).exponent(1.0) == pytest.approx(1e-6 + 1e-18, rel=1e-15)


@pytest.mark.parametrize(
    ("flow", "momentum", "step"),
    [
        (GradientFlow(), [0, 0, 0, 0], 0.04),
        (ConstantFriction(2.0), [0.6] * 4, 0.04),
        (ConstantFriction(5.0), [0.0] * 4, 0.04),
        (VanishingFriction(), [0, 0, 1 / 4, 2 / 5], 0.04),
        (VanishingFriction(1.0), [0, 0, 1 / 2, 2 / 3], 0.04),
    ],
    ids=repr,
)
def test_discretisations_by_hand(flow, momentum, step):
    # 1 - b sqrt(eta) with sqrt(eta) = 1/5; (t - 1)/(t + r - 1); no extrapolation.
    found = [flow.discretised(step).coefficients(t) for t in range(4)]
    for numbers, beta in zip(found, momentum, strict=True):
        assert numbers == pytest.approx((step, beta, 0), abs=1e-15)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_responses_have_the_shape_of_the_eigenvalues_and_the_times(flow, shape):
    values = torch.full(shape, 0.5, dtype=torch.float32)
    for times in ([0.0, 1.0, 2.0], [], [3.0]):
        for part in (flow.response, flow.velocity):
            found = part(values, times)
            assert (found.shape, found.dtype) == ((*shape, len(times)), torch.float64)


def test_times_may_come_in_any_order(flow):
    found = flow.response(VALUES, [3.0, 0.5, 3.0])
    torch.testing.assert_close(found[:, 0], found[:, 2])
    torch.testing.assert_close(found[:, 1:2], flow.response(VALUES, [0.5]))


@pytest.mark.parametrize("r", [2.0, 4.0])
def test_vanishing_friction_by_hand(r):
    # sin(z)/z for r = 2, and 3 (sin z - z cos z)/z^3 for r = 4.
    z = torch.tensor([0.3, 1.0, 7.0], dtype=torch.float64)
    exact = z.sin() / z if r == 2 else 3 * (z.sin() - z * z.cos()) / z**3
    for value in (1.0, 4.0):
        found = VanishingFriction(r).response([value], z / value**0.5)[0]
        torch.testing.assert_close(found, exact, rtol=1e-11, atol=1e-13)


def test_the_loss_constant_by_hand():
    # A_2 = 1, so that it is a quarter of the sum of squared weights over lambda.
    found = VanishingFriction(2.0).loss_constant([0.5, 4.0], [3.0, -2.0])
    assert found == pytest.approx((9 / 0.5 + 4 / 4) / 4)
    assert VanishingFriction(2.0).loss_constant(Spectrum(0.5, 4.0), [3.0, -2.0]) == found
    assert VanishingFriction(4.0).amplitude == pytest.approx(3)


def test_flows_are_equal_by_their_friction_and_keep_it_as_a_float():
    assert VanishingFriction() == VanishingFriction(3) != VanishingFriction(2)
    assert GradientFlow() == GradientFlow() != ConstantFriction(0)
    assert (
        type(ConstantFriction(np.int64(2)).b) is type(VanishingFriction(np.float32(2)).r) is float
    )
