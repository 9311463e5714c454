"""The Lyapunov function of Theorem 7 along runs, against plain loops and the printed lemmas."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from rootkappa import AdditiveModel, nesterov, train
from rootkappa.architectures import DeepReLU, PartitionedReLU
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov


def _problem(activation="relu", second=2.0, kappa=20.0):
    first = torch.logspace(math.log10(kappa) / 2, 0, 12, dtype=torch.float64)
    model = AdditiveModel.drawn(first, second, d=9, activation=activation)
    return model, model.initialise([0, 1])


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
@pytest.mark.parametrize("c", [0.25, 1.0])
def test_the_lyapunov_function_is_that_of_the_definitions(activation, c):
    model, weights = _problem(activation)
    trace = PartitionNesterov(c).follow(model, weights, 25)
    p = trace.numbers
    # The definitions of the appendix, one replica, by automatic differentiation.
    x, u = (layer[1, :, 0] for layer in weights)
    A1, A2, b, sigma = model.A1, model.A2, model.Y[:, 0], model.activation.function

    def loss(x, u):
        return (A1 @ x + sigma(A2 @ u) - b).square().sum() / 2

    def gradient(x, u):
        x, u = x.clone().requires_grad_(), u.clone().requires_grad_()
        return torch.autograd.grad(loss(x, u), (x, u))

    def best(u):
        return torch.linalg.lstsq(A1, (b - sigma(A2 @ u))[:, None]).solution[:, 0]

    y, v = x, u
    best_before, gradient_before, u_before, v_before = best(u), gradient(x, u)[0], u, u
    for k in range(26):
        z = (1 - p.beta * p.lam) / (p.beta * p.lam) * (y - x) + y
        parts = (
            loss(x, u),
            p.Q1 * (z - best_before).square().sum(),
            p.eta / 8 * gradient_before.square().sum(),
        )
        seen = (trace.loss[1, k], trace.distance[1, k], trace.gradient[1, k])
        torch.testing.assert_close(torch.stack(seen), torch.stack(parts), rtol=1e-9, atol=1e-12)
        moved = (float((v - v_before).norm()), float((best(v) - best(v_before)).norm()))
        found = (float(trace.ahead_moved[1, k]), float(trace.best_moved[1, k]))
        assert found == pytest.approx(moved, rel=1e-7, abs=1e-10)
        v_before = v
        best_before = best(v)
        gradient_before, along_u = gradient(y, v)
        x_next, u_next = y - p.eta * gradient_before, v - p.eta * along_u
        assert float(trace.step_u[1, k]) == pytest.approx(float((u - u_before).square().sum()))
        u_before = u
        y, v = x_next + p.beta * (x_next - x), u_next + p.beta * (u_next - u)
        x, u = x_next, u_next


@pytest.mark.parametrize("second", [0.01, 3.0])
@pytest.mark.parametrize("c", [0.25, 1.0])
def test_the_lemmas_hold_along_runs(second, c):
    model, weights = _problem(second=second)
    theorem = PartitionNesterov(c)
    trace = theorem.follow(model, weights, 150)
    at_most_one = ("envelope", "loss_ratio", "lemma8", "lemma9", "lemma10_x", "lemma10_u",
                   "lemma10_gradient", "lemma17")  # fmt: skip
    for name in at_most_one:
        assert float(getattr(trace, name).nan_to_num(0).max()) <= 1 + 1e-9, name
    assert float(trace.pl.nan_to_num(9).min()) >= 1
    # K5: the bound 2 is proved for c <= 0.4 or so, and fails from a bad start at c = 1.
    if c == 0.25:
        proved = theorem.check(model.constants)["K5"].needed
        assert float(trace.start_ratio.max()) <= 1 + proved


def test_the_bounds_of_the_lemmas_are_the_printed_ones():
    model, weights = _problem(second=0.3)
    trace = PartitionNesterov().follow(model, weights, 6)
    k, p, phi = model.constants, trace.numbers, trace.phi[1]
    b, start = p.beta, float(trace.phi[1, 0]) * p.rate**6
    assert pytest.approx(0.3) == k.G1
    Q2 = 6 * p.eta * 2 / (1 - b)
    Q3 = 6 * p.eta * 2 * (1 + b) ** 3 / (k.mu * b * (1 - b) ** 3)
    error = b**2 * (0.09 / (2 * p.gamma) + 4 * p.Q1 * k.G2**2 * (1 + p.gamma) / (p.gamma * k.mu**2))
    expected = {
        "lemma9": trace.gradient_u[1, 6] / trace.gradient_x[1, 6] / (0.09 / k.mu),
        "lemma10_x": trace.step_x[1, 6] / (Q2 * start),
        "lemma10_u": trace.step_u[1, 6] / (0.09 * Q3 * start),
        "pl": trace.gradient_x[1, 6] / (2 * k.mu * trace.loss_ahead[1, 6]),
    }
    for name, value in expected.items():
        assert float(getattr(trace, name)[1, 6]) == pytest.approx(float(value)), name
    step = (1 + p.gamma) * phi[6] / (phi[5] + error * trace.step_u[1, 5])
    assert float(trace.lemma17[1, 5]) == pytest.approx(float(step))
    moved = trace.best_moved[1, 6] / trace.ahead_moved[1, 6] / (k.G2 / k.mu)
    assert float(trace.lemma8[1, 6]) == pytest.approx(float(moved))


def test_the_trace_follows_the_training_loop():
    model, weights = _problem()
    theorem = PartitionNesterov(1.0)
    run = train(model, theorem.tuning(model.constants), weights, 30)
    trace = theorem.follow(model, weights, 30)
    torch.testing.assert_close(trace.loss_ahead, run.losses, rtol=1e-10, atol=0)
    ahead = float(theorem.bound(model.constants, 30)[30])
    assert float(trace.loss_ratio[0, 30]) == pytest.approx(
        float(trace.loss[0, 30] / trace.loss[0, 0]) / ahead
    )
    torch.testing.assert_close(trace.residual_norms.square() / 2, trace.loss)
    assert trace.stopped_at.tolist() == [30, 30]


def test_travel_is_the_distance_from_the_start():
    model, weights = _problem()
    trace = PartitionNesterov().follow(model, weights, 5, method=nesterov(0.01, 0.5))
    run = train(model, nesterov(0.01, 0.5), weights, 5)
    # After one step from rest both points move by multiples 1 and 1 + gamma of the same step.
    first = train(model, nesterov(0.01, 0.5), weights, 1)
    for name, layer in (("travel_x", 0), ("travel_u", 1)):
        moved = (first.weights[layer] - weights[layer]).norm(dim=(1, 2)) / 1.5
        assert getattr(trace, name)[:, 1].tolist() == pytest.approx(moved.tolist())
    torch.testing.assert_close(trace.loss_ahead, run.losses, rtol=1e-10, atol=0)


def _network():
    X = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(3, 4)
    network = DeepReLU(X, torch.ones(1, 4, dtype=torch.float64), [5, 8])
    return PartitionedReLU(network, network.initialise([0])), network.initialise([0])


def test_a_network_needs_its_constants():
    model, weights = _network()
    with pytest.raises(TypeError, match=r"PartitionedReLU knows no constants: give constants="):
        PartitionNesterov().follow(model, weights, 3)
    constants = PartitionConstants(0.1, 10, 1, 0.1, 0.1)
    trace = PartitionNesterov().follow(model, weights, 3, constants=constants)
    run = train(model.network, PartitionNesterov().tuning(constants), weights, 3)
    torch.testing.assert_close(trace.loss_ahead, run.losses, rtol=1e-10, atol=0)


BAD = [
    ({"method": torch.nn.Linear(1, 1)}, r"method must be a Method, got Linear"),
    ({"weights": None}, r"weights must be a sequence, got None: give model.initialise"),
    ({"model": 3.0}, r"float knows no partition: give an AdditiveModel"),
    ({"constants": [1, 2]}, r"takes a PartitionConstants here, got list"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_cannot_be_followed_is_refused(change, message):
    model, weights = _problem()
    arguments = {"model": model, "weights": weights, "steps": 3, **change}
    with pytest.raises(TypeError, match=message):
        PartitionNesterov().follow(**arguments)


def test_changing_numbers_are_refused():
    model, weights = _problem()
    with pytest.raises(ValueError, match=r"the Lyapunov function needs constant numbers"):
        PartitionNesterov().follow(model, weights, 3, method=nesterov(0.1))
    with pytest.raises(ValueError, match=r"steps must be at least 1, got 0"):
        PartitionNesterov().follow(model, weights, 0)


RATIOS = ("start_ratio", "envelope", "loss_ratio", "pl", "lemma8", "lemma9", "lemma10_x",
          "lemma10_u", "lemma10_gradient", "lemma17")  # fmt: skip


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_no_ratio_has_a_unit(scale):
    # Maps and labels in another unit: mu and L1 by its square, and the same weights at each step.
    model, weights = _problem(second=0.3)
    parts = (model.A1, model.A2, model.Y[:, 0])
    other = AdditiveModel(*(scale * part for part in parts), "relu")
    assert other.constants.mu == pytest.approx(scale**2 * model.constants.mu)
    one, two = (PartitionNesterov().follow(each, weights, 12) for each in (model, other))
    for name in RATIOS:
        torch.testing.assert_close(
            getattr(two, name), getattr(one, name), rtol=1e-6, atol=0, equal_nan=True, msg=name
        )
    torch.testing.assert_close(two.travel_x, one.travel_x, rtol=1e-8, atol=1e-12)


def test_phi_is_the_sum_of_its_parts_and_the_ratios_are_its_quotients():
    model, weights = _problem(second=0.3)
    trace = PartitionNesterov().follow(model, weights, 8)
    for replica in range(2):
        for k in (0, 1, 8):
            parts = [
                float(part[replica, k]) for part in (trace.loss, trace.distance, trace.gradient)
            ]
            assert min(parts) > 0
            assert float(trace.phi[replica, k]) == pytest.approx(sum(parts), rel=1e-12)
            r = (1 - 0.25 / 4 / math.sqrt(20)) ** k
            share = float(trace.phi[replica, k] / trace.phi[replica, 0])
            assert float(trace.envelope[replica, k]) == pytest.approx(share / r, rel=1e-9)
            share = float(trace.loss[replica, k] / trace.loss[replica, 0])
            assert float(trace.loss_ratio[replica, k]) == pytest.approx(share / r / 2, rel=1e-9)
    start = trace.phi[:, 0] / trace.loss[:, 0]
    torch.testing.assert_close(trace.start_ratio, start)
    assert trace.powers.tolist() == pytest.approx([trace.numbers.rate**k for k in range(9)])


def test_at_the_start_nothing_has_moved():
    model, weights = _problem()
    trace = PartitionNesterov().follow(model, weights, 3)
    for name in ("step_x", "step_u", "best_moved", "ahead_moved", "travel_x", "travel_u"):
        assert getattr(trace, name)[:, 0].tolist() == [0, 0], name
        assert bool((getattr(trace, name)[:, 1:] > 0).all()), name
    # The gradient of before is that of the start, and z is the start itself.
    gradient = trace.numbers.eta / 8 * trace.gradient_x[:, 0]
    torch.testing.assert_close(trace.gradient[:, 0], gradient)
    away = model.split(weights)[0] - model.best_x(weights)
    distance = trace.numbers.Q1 * away.square().sum(1)
    torch.testing.assert_close(trace.distance[:, 0], distance)


@pytest.mark.parametrize("steps", [1, 15, 16, 33])
def test_one_replica_in_blocks_is_what_it_is_beside_another(steps):
    # Of one replica 16 steps are looked at together, of several one by one.
    model, weights = _problem(second=0.3)
    both = PartitionNesterov().follow(model, weights, steps)
    alone = PartitionNesterov().follow(model, [layer[1:] for layer in weights], steps)
    for name in ("loss", "phi", "step_u", "loss_ahead", "gradient_u", "best_moved", "travel_u"):
        found = getattr(alone, name)
        assert found.shape == (1, steps + 1)
        torch.testing.assert_close(found[0], getattr(both, name)[1], rtol=1e-8, atol=1e-12)


def test_what_has_reached_rounding_says_nothing():
    # phi falls by 1e-20 in one step: the quotients of what is left are not read.
    model, weights = _problem(second=0.3)
    trace = PartitionNesterov().follow(model, weights, 3)
    tiny = torch.tensor([1.0, 1e-5, 1e-17, 1.0], dtype=torch.float64)
    small = replace(
        trace,
        loss=trace.loss * tiny,
        distance=trace.distance * tiny,
        gradient=trace.gradient * tiny,
    )
    for name in ("pl", "lemma9", "lemma10_gradient", "lemma17"):
        found = getattr(small, name)
        assert found[0].isnan().tolist() == [False, False, True, False][: found.shape[1]], name
    # Of a path that hardly moves, nothing is said of how far x* moved.
    still = replace(trace, ahead_moved=trace.ahead_moved * 1e-9)
    assert bool(still.lemma8.isnan().all())
