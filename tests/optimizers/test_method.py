"""The family against torch.optim, and its special members."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from rootkappa import (
    DeepLinear,
    Method,
    Quadratic,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
    triple_momentum,
)
from rootkappa.optimizers import GradientRestart, NesterovSchedule
from rootkappa.problems import Spectrum

METHODS = {
    "gradient descent": (gradient_descent(0.2), {}),
    "heavy ball": (heavy_ball(0.2, 0.9), {"momentum": 0.9}),
    "Nesterov": (nesterov(0.1, 0.9), {"momentum": 0.9, "nesterov": True}),
}


def _with_torch(model, weights, steps, lr, **options):
    """The loop that a user writes, with autograd and torch.optim.SGD."""
    layers = [layer.clone().requires_grad_() for layer in weights]
    optimizer = torch.optim.SGD(layers, lr=lr, **options)
    for _ in range(steps):
        optimizer.zero_grad()
        (model.residual(layers).square().sum() / 2).backward()
        optimizer.step()
    return [layer.detach() for layer in layers]


@pytest.mark.parametrize("name", METHODS)
def test_parameters_equal_those_of_torch_optim(name, model, rounding):
    method, options = METHODS[name]
    weights = model.initialise([0, 1])
    scale = float(torch.linalg.matrix_norm(model.tangent_kernel(weights), 2).max())
    scaled = Method(method.step_size / scale, method.momentum, method.extrapolation)
    run = train(model, scaled, weights, 20)
    layers = _with_torch(model, weights, 20, scaled.step_size, **options)
    for ours, theirs in zip(run.weights, layers, strict=True):
        assert float((ours - theirs).norm() / theirs.norm()) < rounding


def test_momentum_zero_is_gradient_descent_bit_for_bit(model):
    weights = model.initialise([0])
    runs = [
        train(model, method, weights, 20)
        for method in (gradient_descent(0.1), heavy_ball(0.1, 0.0), nesterov(0.1, 0.0))
    ]
    for other in runs[1:]:
        assert torch.equal(other.residual_norms, runs[0].residual_norms)


@pytest.mark.parametrize("kappa", [10.0, 1e4])
def test_triple_momentum_contracts_by_one_minus_root_kappa(kappa):
    model = Quadratic.with_spectrum(
        torch.logspace(0, -torch.log10(torch.tensor(kappa)), 7).double()
    )
    method = triple_momentum(1 / kappa, 1.0)
    steps = int(60 * kappa**0.5)
    run = train(model, method, model.initialise([0]), steps)
    half = steps // 2
    factor = (run.residual_norms[0, -1] / run.residual_norms[0, half]) ** (1 / (steps - half))
    assert float(factor) == pytest.approx(1 - kappa**-0.5, rel=3e-2 / kappa**0.5)


def test_triple_momentum_at_its_ends():
    assert triple_momentum(2.0, 2.0).coefficients(0) == (0.5, 0, 0)
    # kappa = 4, so rho = 1/2: (1 + rho)/L, rho^2/(2 - rho), rho^2/((1 + rho)(2 - rho)).
    found = triple_momentum(Spectrum(1.0, 4.0))
    assert found.coefficients(0) == pytest.approx((3 / 8, 1 / 6, 1 / 9))
    with pytest.raises(ValueError, match=r"at least lambda_min = 2.0, got 1.0: swap"):
        triple_momentum(2.0, 1.0)


def test_a_schedule_gives_the_momentum_of_its_step():
    method = nesterov(0.1)
    assert [method.coefficients(t)[1] for t in range(5)] == [0, 0, 0.25, 0.4, 0.5]
    assert not method.is_constant
    with pytest.raises(ValueError, match=r"momentum at step 3 must lie in \[0, 1\), got 3"):
        heavy_ball(0.1, lambda t: t).coefficients(3)
    with pytest.raises(ValueError, match=r"extrapolation at step 2 must .* got -2: use 0 for none"):
        Method(0.1, 0.5, lambda t: -t).coefficients(2)
    with pytest.raises(TypeError, match="momentum at step 1 must be a number, got None"):
        heavy_ball(0.1, lambda t: None).coefficients(1)


def test_a_scheduled_run_follows_the_recursion():
    data = datasets.gaussian(d=4, k=2, n=6)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    method = nesterov(0.2)
    before = now = model.initialise([0])
    for t in range(30):
        _, beta, gamma = method.coefficients(t)
        point = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
        gradient = model.gradient(point)
        ahead = [
            w + beta * (w - v) - 0.2 * g for w, v, g in zip(now, before, gradient, strict=True)
        ]
        before, now = now, ahead
    gamma = method.coefficients(30)[2]
    point = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
    run = train(model, method, model.initialise([0]), 30)
    for ours, theirs in zip(run.weights, point, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("number", [np.float32, np.float64, np.array, torch.tensor])
def test_scalars_of_every_kind_become_floats(number):
    method = Method(number(0.5), number(0.25), number(1.5))
    assert method.coefficients(9) == (0.5, 0.25, 1.5)
    assert {type(value) for value in method.coefficients(0)} == {float}


def test_constants_are_the_one_refusal(rule):
    assert Method(0.1, 0.0, 0.7).constants("a test") == (0.1, 0, 0.7)
    for method, why in ((nesterov(0.1), "a schedule"), (rule, "a restart rule")):
        assert not method.is_constant
        with pytest.raises(ValueError, match=f"a test needs constant .*{method.name} has {why}: g"):
            method.constants("a test")


@pytest.fixture
def rule():
    return nesterov(0.1, 0.5).with_restart(GradientRestart())


def test_a_rule_needs_a_velocity_and_extrapolation_alone_has_one(rule):
    assert Method(0.1, 0.0, 0.7, restart=GradientRestart()).restart == rule.restart
    with pytest.raises(ValueError, match=r"momentum 0, so its restart rule Grad.* no velocity"):
        gradient_descent(0.1).with_restart(GradientRestart())


BAD = [
    (("0.1",), TypeError, "step size must be a number, got '0.1'"),
    ((None,), TypeError, "step size must be a number, got None"),
    ((True,), TypeError, "step size must be a number, got True"),
    ((torch.ones(2),), TypeError, r"step size must be a number, got Tensor of shape \(2,\)"),
    ((0.1, "0.9"), TypeError, "momentum must be a number, got '0.9'"),
    ((0.1, None), TypeError, "momentum must be a number, got None"),
    ((0.1, NesterovSchedule), TypeError, "momentum must be a number, got <class "),
    ((0.1, 1.0), ValueError, r"momentum must lie in \[0, 1\), got 1.0"),
    ((0.1, 0.9, -0.1), ValueError, "extrapolation must be finite and at least 0, got -0.1: use 0"),
    ((0.1, 0.9, math.inf), ValueError, "extrapolation must be finite and at least 0, got inf"),
    ((0.1, 0.9, math.nan), ValueError, "extrapolation must be finite and at least 0, got nan"),
    (
        (0.1, 0.9, 0, "x", "gradient"),
        TypeError,
        r"rule such as GradientRestart\(\), got 'gradient'",
    ),
    (
        (0.1, 0.9, 0, "x", GradientRestart),
        TypeError,
        "GradientRestart.*, got <class .*: give an obj",
    ),
    ((math.inf,), ValueError, "step size must be a finite number above 0, got inf: choose one"),
    ((-0.1,), ValueError, "step size must be a finite number above 0, got -0.1"),
    ((0.1, -0.1), ValueError, r"momentum must lie in \[0, 1\), got -0.1: use 0 for none and less"),
    ((0.1, math.nan), ValueError, r"momentum must lie in \[0, 1\), got nan"),
    ((0.1, 0.9, None), TypeError, "extrapolation must be a number, got None"),
    ((0.1, 0.9, NesterovSchedule), TypeError, "extrapolation must be a number, got <class"),
]


@pytest.mark.parametrize(("numbers", "error", "message"), BAD)
def test_messages(numbers, error, message):
    with pytest.raises(error, match=message):
        Method(*numbers)


@pytest.mark.parametrize(
    ("method", "numbers", "name"),
    [
        (Method(0.5), (0.5, 0.0, 0.0), "method"),
        (Method(0.5, 0.25, 2.0, "mine"), (0.5, 0.25, 2.0), "mine"),
        (gradient_descent(0.5), (0.5, 0.0, 0.0), "gradient descent"),
        (heavy_ball(0.5, 0.25), (0.5, 0.25, 0.0), "heavy ball"),
        (nesterov(0.5, 0.25), (0.5, 0.25, 0.25), "Nesterov"),
        # kappa = 9: rho = 2/3, and 5/3 over 9, 4/9 over 4/3, 4/9 over 20/9.
        (triple_momentum(1.0, 9.0), (5 / 27, 1 / 3, 1 / 5), "triple momentum"),
    ],
    ids=lambda entry: entry if isinstance(entry, str) else "",
)
def test_members_by_their_three_numbers_and_their_names(method, numbers, name):
    assert method.coefficients(0) == method.coefficients(10**6) == pytest.approx(numbers)
    assert method.constants("a test") == method.coefficients(3)
    assert (method.name, method.restart, method.is_constant) == (name, None, True)


@pytest.mark.parametrize(
    "method",
    [
        nesterov(0.1),
        heavy_ball(0.1, NesterovSchedule(4)),
        Method(0.1, 0.5, NesterovSchedule()),
        Method(0.1, NesterovSchedule(), 0.5),
    ],
    ids=["both", "momentum", "extrapolation", "momentum with a fixed look ahead"],
)
def test_one_schedule_is_enough_to_change(method):
    assert not method.is_constant
    with pytest.raises(ValueError, match=r"a test needs constant .* has a schedule: give it a fi"):
        method.constants("a test")
    assert method.coefficients(0) != method.coefficients(50)


def test_a_schedule_of_one_number_leaves_the_other_alone():
    ahead = Method(0.1, 0.5, lambda t: t / 2)
    assert [ahead.coefficients(t) for t in (0, 3)] == [(0.1, 0.5, 0), (0.1, 0.5, 1.5)]
    heavy = heavy_ball(0.1, lambda t: t / 4)
    assert [heavy.coefficients(t) for t in (0, 3)] == [(0.1, 0, 0), (0.1, 0.75, 0)]
    assert {type(number) for t in (0, 3) for number in heavy.coefficients(t)} == {float}


def test_what_a_schedule_gives_becomes_a_float():
    method = Method(0.1, lambda t: np.float32(0.5), lambda t: torch.tensor(2))
    assert method.coefficients(1) == (0.1, 0.5, 2.0)
    assert {type(number) for number in method.coefficients(1)} == {float}


def test_a_rule_is_added_to_a_copy():
    plain, rule = nesterov(0.1, 0.5), GradientRestart(0.25)
    ruled = plain.with_restart(rule)
    assert plain.restart is None
    assert (ruled.restart, ruled.name, ruled.coefficients(4)) == (rule, "Nesterov", (0.1, 0.5, 0.5))
    assert ruled.with_restart(None) == plain
    with pytest.raises(TypeError, match=r"rule such as GradientRestart\(\), got 3: give an object"):
        plain.with_restart(3)


def test_methods_are_equal_by_their_numbers():
    assert heavy_ball(0.5, 0.25) == Method(0.5, 0.25, name="heavy ball")
    assert len({gradient_descent(0.5), gradient_descent(1 / 2), heavy_ball(0.5, 0.0)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        heavy_ball(0.5, 0.25).momentum = 2.0


@pytest.mark.parametrize("kappa", [1.0, 4.0, 100.0])
def test_triple_momentum_has_its_rate_as_the_largest_root_of_the_extreme_modes(kappa):
    # The roots of z^2 - (1 + beta - eta lambda (1 + gamma)) z + beta - eta lambda gamma by NumPy.
    eta, beta, gamma = triple_momentum(1.0, kappa).coefficients(0)
    rho = 1 - kappa**-0.5
    for value in (1.0, kappa):
        y = eta * value
        roots = abs(np.roots([1, -(1 + beta - y * (1 + gamma)), beta - y * gamma]))
        # On a quadratic the slowest mode attains the rate; a double root has half of the digits.
        assert roots.max() <= rho + 1e-7
    assert abs(np.roots([1, -(1 + beta - eta * (1 + gamma)), beta - eta * gamma])).max() == (
        pytest.approx(rho, abs=1e-7)
    )
