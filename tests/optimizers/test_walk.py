"""The walker: against the stacked loop of training, with schedules, and its errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import (
    Method,
    Quadratic,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
    triple_momentum,
)
from rootkappa.optimizers import GradientRestart, HigherMomentum, walk

SPECTRUM = torch.tensor([0.05, 0.3, 1.0], dtype=torch.float64)
METHODS = {
    "gradient descent": gradient_descent(0.7),
    "heavy ball": heavy_ball(0.7, 0.6),
    "Nesterov": nesterov(0.5, 0.6),
    "schedule": nesterov(0.5),
    "triple momentum": triple_momentum(0.05, 1.0),
}


def _path(method, start, steps):
    return walk(method, lambda layers: [SPECTRUM * layers[0]], [start], steps)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_it_visits_the_points_of_the_training_loop(method):
    model = Quadratic.with_spectrum(SPECTRUM)
    start = model.initialise([0])
    run = train(model, method, start, 40)
    points = [now.point[0] for now in _path(method, start[0][0, :, 0], 40)]
    norms = torch.stack([(SPECTRUM.sqrt() * point).norm() for point in points])
    torch.testing.assert_close(norms, run.residual_norms[0], rtol=1e-11, atol=0)
    torch.testing.assert_close(points[-1], run.weights[0][0, :, 0], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("nesterov_flag", [False, True])
def test_the_velocity_is_minus_eta_times_the_buffer_of_torch(nesterov_flag):
    method = (nesterov if nesterov_flag else heavy_ball)(0.4, 0.7)
    start = torch.ones(3, dtype=torch.float64)
    *_, last = _path(method, start, 25)
    parameter = start.clone().requires_grad_()
    sgd = torch.optim.SGD([parameter], lr=0.4, momentum=0.7, nesterov=nesterov_flag)
    for _ in range(25):
        parameter.grad = SPECTRUM * parameter.detach()
        sgd.step()
    buffer = sgd.state[parameter]["momentum_buffer"]
    torch.testing.assert_close(last.velocity[0], -0.4 * buffer, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(last.point[0], parameter.detach(), rtol=1e-12, atol=1e-15)


def test_the_gradient_is_called_once_a_step_and_in_order():
    seen = []

    def gradient(layers):
        seen.append(layers[0].clone())
        return layers

    steps = list(walk(nesterov(0.1, 0.5), gradient, [torch.ones(2), torch.ones(1)], 3))
    assert [now.t for now in steps] == [0, 1, 2, 3]
    assert all(torch.equal(a, now.point[0]) for a, now in zip(seen, steps, strict=True))
    assert steps[0].velocity[1].tolist() == [0]


def test_points_lie_ahead_of_the_weights_by_gamma_velocities():
    *_, now = _path(nesterov(0.5, 0.6), torch.ones(3).double(), 7)
    torch.testing.assert_close(now.point[0], now.weights[0] + 0.6 * now.velocity[0])


@pytest.mark.parametrize("scale", [1e-12, 1e12])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_larger_start_is_a_larger_run(method, scale):
    start = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    for now, other in zip(_path(method, start, 30), _path(method, scale * start, 30), strict=True):
        torch.testing.assert_close(other.point[0], scale * now.point[0], rtol=1e-10, atol=0)


@pytest.mark.parametrize(
    "method",
    [Method(0.6, 0.0, 0.8), Method(0.6, 0.9, 1.09), Method(0.1, 0.9, 10.0)],
    ids=["extrapolation alone", "AGNES", "far ahead"],
)
def test_methods_beyond_nesterov_follow_the_definition(method):
    eta, beta, gamma = method.coefficients(0)
    before = now = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    for step in _path(method, now, 25):
        torch.testing.assert_close(step.weights[0], now, rtol=1e-12, atol=1e-14)
        ahead = now + beta * (now - before) - eta * SPECTRUM * (now + gamma * (now - before))
        before, now = now, ahead


def test_agnes_is_a_point_of_the_family():
    # Gupta, Siegel and Wojtowytsch: x' = x + alpha v, x_+ = x' - eta g(x'), v_+ = rho (v - g(x')).
    alpha, eta, rho = 0.1, 0.3, 0.85
    x, v = torch.tensor([1.0, -2.0, 0.5]).double(), torch.zeros(3).double()
    points = []
    for _ in range(40):
        ahead = x + alpha * v
        points.append(ahead)
        slope = SPECTRUM * ahead
        x, v = ahead - eta * slope, rho * (v - slope)
    # Eliminating v: (1 + gamma) step = eta + alpha rho and gamma step = rho eta.
    step = eta + alpha * rho - rho * eta
    method = Method(step, rho, rho * eta / step)
    assert method.extrapolation > 1
    for now, expected in zip(_path(method, points[0], 39), points, strict=True):
        torch.testing.assert_close(now.point[0], expected, rtol=1e-11, atol=1e-14)


def test_arrays_are_starts_too():
    (*_, last) = walk(heavy_ball(0.5, 0.5), lambda w: w, [np.ones(2), [[1.0], [2.0]]], 2.0)
    assert [layer.shape for layer in last.point] == [(2,), (2, 1)]
    assert last.t == 2


def test_a_restart_rule_is_refused_at_the_call():
    method = heavy_ball(0.1, 0.5).with_restart(GradientRestart())
    with pytest.raises(ValueError, match=r"use rootkappa\.train"):
        walk(method, lambda w: w, [torch.ones(2)], 3)


ONE = [torch.ones(2)]
SGD = torch.optim.SGD(ONE, lr=0.1)
BAD = [
    (SGD, ONE, 3, "method must be a Method, got SGD"),
    (HigherMomentum(0.1, 0.5), ONE, 3, r"method must be a Method, got HigherMomentum\("),
    ("gd", ONE, 3, "method must be a Method, got 'gd': give heavy_ball"),
    (heavy_ball(0.1, 0.5), torch.ones(2), 3, r"start must be a list of tensors, got Tensor of sha"),
    (heavy_ball(0.1, 0.5), [None], 3, "tensor 1 of start must hold numbers, got None"),
    (heavy_ball(0.1, 0.5), ONE, 1.5, "steps must be a whole number, got 1.5"),
]


@pytest.mark.parametrize(("method", "start", "steps", "message"), BAD)
def test_messages(method, start, steps, message):
    with pytest.raises(TypeError, match=message):
        walk(method, lambda w: w, start, steps)


@pytest.mark.parametrize("slope", [[], [torch.ones(3)], [torch.ones(2), torch.ones(2)]])
def test_a_gradient_of_other_shapes_is_refused(slope):
    path = walk(heavy_ball(0.1, 0.5), lambda w: slope, ONE, 3)
    with pytest.raises(ValueError, match=r"gradient has shapes .* at weights of shapes \[\(2,\)\]"):
        next(path)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_no_steps_are_the_start_alone(method):
    start = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    (now,) = _path(method, start, 0)
    assert now.t == 0
    for layer in (now.point[0], now.weights[0]):
        assert torch.equal(layer, start)
    assert now.velocity[0].tolist() == [0, 0, 0]
    assert torch.equal(now.gradient[0], SPECTRUM * start)


def test_nothing_is_run_before_it_is_asked_for():
    asked = []

    def gradient(layers):
        asked.append(len(asked))
        return layers

    path = walk(heavy_ball(0.1, 0.5), gradient, [torch.ones(2)], 10**9)
    assert asked == []
    next(path)
    next(path)
    assert asked == [0, 1]


def test_layers_move_by_themselves_and_share_the_numbers():
    # Two layers of other shapes are two runs; the gradient may come as a tuple.
    starts = [torch.ones(2, 3, dtype=torch.float64), torch.tensor([4.0, -1.0]).double()]
    scales = (0.5, 0.2)
    method = nesterov(0.7, 0.6)
    both = walk(method, lambda w: tuple(s * a for s, a in zip(scales, w, strict=True)), starts, 12)
    alone = [
        walk(method, lambda w, s=s: [s * w[0]], [start], 12)
        for s, start in zip(scales, starts, strict=True)
    ]
    for now, one, other in zip(both, *alone, strict=True):
        for name in ("point", "weights", "velocity", "gradient"):
            found = getattr(now, name)
            torch.testing.assert_close(found[0], getattr(one, name)[0], rtol=1e-14, atol=0)
            torch.testing.assert_close(found[1], getattr(other, name)[0], rtol=1e-14, atol=0)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_each_step_says_where_it_stood_and_what_it_saw(method):
    before = None
    for now in _path(method, torch.tensor([1.0, -2.0, 0.5]).double(), 15):
        _, beta, gamma = method.coefficients(now.t)
        torch.testing.assert_close(now.gradient[0], SPECTRUM * now.point[0])
        torch.testing.assert_close(now.point[0], now.weights[0] + gamma * now.velocity[0])
        if before is not None:
            moved = now.weights[0] - before.weights[0]
            torch.testing.assert_close(now.velocity[0], moved, rtol=1e-9, atol=1e-15)
            eta, beta, _ = method.coefficients(before.t)
            step = beta * before.velocity[0] - eta * before.gradient[0]
            torch.testing.assert_close(now.velocity[0], step, rtol=1e-13, atol=0)
        before = now


def test_the_start_is_left_as_it_is_in_its_own_precision():
    start = [torch.ones(2), torch.ones(1, 2)]
    *_, last = walk(heavy_ball(0.5, 0.5), lambda w: w, start, 4)
    assert [layer.tolist() for layer in start] == [[1, 1], [[1, 1]]]
    assert {layer.dtype for layer in last.point + last.velocity} == {torch.float32}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"gradient": None}, TypeError, "gradient must be a function, got None: .*model.gradient"),
        ({"gradient": 3.0}, TypeError, "gradient must be a function, got 3.0"),
        ({"steps": -1}, ValueError, "steps must be at least 0, got -1"),
        ({"start": []}, TypeError, r"start must be a list of tensors, got \[\]: give one tensor"),
        ({"start": [torch.tensor([1.0, np.nan])]}, ValueError, "start holds 1 NaN"),
    ],
)
def test_what_cannot_be_walked_is_refused_at_the_call(change, error, message):
    arguments = {"gradient": lambda w: w, "start": ONE, "steps": 3, **change}
    with pytest.raises(error, match=message):
        walk(heavy_ball(0.1, 0.5), **arguments)


def test_a_gradient_that_loses_a_layer_on_the_way_is_refused_where_it_does():
    answers = iter([[torch.ones(2)], [torch.ones(2, 1)]])
    path = walk(heavy_ball(0.1, 0.5), lambda w: next(answers), ONE, 3)
    next(path)
    with pytest.raises(
        ValueError, match=r"shapes \[\(2, 1\)\] at .* \[\(2,\)\]: give one tensor a"
    ):
        next(path)
