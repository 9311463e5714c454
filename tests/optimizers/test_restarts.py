"""Restart rules against their definitions, written as plain loops, and their effect."""

from __future__ import annotations

import pytest
import torch

from rootkappa import Quadratic, gradient_descent, heavy_ball, nesterov, train
from rootkappa.optimizers import FunctionRestart, GradientRestart, SpeedRestart

SPECTRUM = torch.tensor([1e-3, 0.1, 1.0], dtype=torch.float64)
RULES = {
    "gradient": (
        GradientRestart(),
        lambda slope, step, before, loss, last, age: slope @ step > 0,
    ),
    "function": (FunctionRestart(), lambda slope, step, before, loss, last, age: loss > last),
    "speed": (
        SpeedRestart(),
        lambda slope, step, before, loss, last, age: age > 2 and step.norm() < before.norm(),
    ),
}


@pytest.fixture(params=RULES)
def case(request):
    return RULES[request.param]


def _start(replicas=1):
    return [torch.ones(replicas, 3, 1, dtype=torch.float64)]


def _plain(method, stop, steps):
    """Run from (1, 1, 1); also count the restarts."""
    w, step = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    clock, restarts, last = 0, 0, torch.inf
    for _ in range(steps):
        eta, beta, gamma = method.coefficients(clock)
        y = w + gamma * step
        slope, loss = SPECTRUM * y, float(SPECTRUM @ y**2)
        before, step, clock = step, beta * step - eta * slope, clock + 1
        w = w + step
        if stop(slope, step, before, loss, last, clock):
            step, clock, restarts = 0 * step, 1, restarts + 1
        last = loss
    return w + method.coefficients(clock)[2] * step, restarts


@pytest.mark.parametrize("make", [nesterov, lambda eta: heavy_ball(eta, 0.95)])
def test_a_rule_restarts_where_its_definition_says(case, make):
    rule, stop = case
    expected, restarts = _plain(make(1.0), stop, 150)
    run = train(Quadratic.with_spectrum(SPECTRUM), make(1.0).with_restart(rule), _start(), 150)
    assert restarts >= 2
    torch.testing.assert_close(run.weights[0][0, :, 0], expected, rtol=1e-10, atol=1e-14)


def test_rules_run_side_by_side_and_after_others_have_stopped():
    model = Quadratic.with_spectrum(SPECTRUM)
    rules = [rule for rule, _ in RULES.values()]
    methods = [
        gradient_descent(2.5),
        nesterov(1.0),
        *(nesterov(1.0).with_restart(r) for r in rules),
    ]
    together = train(model, methods, _start(5), 300)
    for row, method in enumerate(methods[1:], start=1):
        alone = train(model, method, _start(), 300)
        torch.testing.assert_close(together.residual_norms[row], alone.residual_norms[0])


def test_restarting_makes_the_schedule_converge_linearly(case):
    model = Quadratic.with_spectrum(SPECTRUM)
    methods = [nesterov(1.0), nesterov(1.0).with_restart(case[0])]
    plain, restarted = train(model, methods, _start(2), 1000).residual_norms[:, -1]
    assert restarted < 2e-2 * plain


@pytest.mark.parametrize("rule", [GradientRestart, FunctionRestart, SpeedRestart])
def test_rules_are_silent_below_their_floor(rule):
    # With a floor at 1 the rule never speaks; by default it stops where rounding begins.
    model = Quadratic.with_spectrum(SPECTRUM)
    methods = [nesterov(1.0), nesterov(1.0).with_restart(rule(floor=2.0))]
    plain, silent = train(model, methods, _start(2), 300).residual_norms
    torch.testing.assert_close(plain, silent)


def test_a_rule_without_velocity_is_refused():
    with pytest.raises(ValueError, match=r"momentum 0, so its restart rule Grad.* no velocity"):
        gradient_descent(0.1).with_restart(GradientRestart())
    with pytest.raises(ValueError, match="patience must be at least 1, got 0"):
        SpeedRestart(patience=0)
