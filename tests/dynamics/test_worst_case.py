"""Certified worst cases against what is known in closed form, and against quadratics."""

from __future__ import annotations

import sys

import pytest
import torch

from rootkappa import Spectrum, optimizers
from rootkappa.dynamics.worst_case import worst_case
from rootkappa.optimizers import (
    GradientRestart,
    HigherMomentum,
    Method,
    gradient_descent,
    heavy_ball,
)

HALF = Spectrum(0.5, 1.0)


@pytest.mark.parametrize(("step_size", "steps"), [(1.0, 1), (0.5, 3), (1.6, 2)])
def test_gradient_descent_has_the_worst_case_of_a_quadratic(step_size, steps):
    # max(|1 - eta mu|, |1 - eta L|)^(2 T), Taylor, Hendrickx and Glineur (2018).
    bounds = Spectrum(0.2, 1.0)
    expected = max(abs(1 - 0.2 * step_size), abs(1 - step_size)) ** (2 * steps)
    assert worst_case(gradient_descent(step_size), bounds, steps) == pytest.approx(
        expected, rel=1e-4
    )


@pytest.mark.parametrize(
    ("tuning", "attained"), [("classical_nesterov", True), ("modular_heavy_ball", False)]
)
def test_quadratics_are_among_the_functions(tuning, attained):
    bounds, steps = Spectrum(1 / 20, 1.0), 4
    method = getattr(optimizers, tuning)(bounds)
    eta, _, gamma = method.coefficients(0)
    values = torch.linspace(bounds.lambda_min, bounds.lambda_max, 400, dtype=torch.float64)
    # w_{t+1} of a mode from the points y_t: here by the plain iteration.
    w, velocity = torch.ones_like(values), torch.zeros_like(values)
    for _ in range(steps):
        velocity = method.momentum * velocity - eta * values * (w + gamma * velocity)
        w = w + velocity
    on_quadratics = float(w.square().max())
    found = worst_case(method, bounds, steps)
    assert found >= on_quadratics * (1 - 1e-4)
    assert (found < 1.001 * on_quadratics) is attained


def test_momentum_and_extrapolation_are_told_apart():
    # With little of either the worst function is a quadratic, here by hand at its ends.
    bounds = Spectrum(0.2, 1.0)
    w, before = 1.0, 1.0
    for _ in range(3):
        before, w = w, w + 0.3 * (w - before) - 0.5 * 0.2 * (w + 0.1 * (w - before))
    assert worst_case(Method(0.5, 0.3, 0.1, "any"), bounds, 3) == pytest.approx(w**2, rel=1e-4)


def test_without_pepit_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PEPit", None)
    with pytest.raises(ImportError, match=r'PEPit, which is not there: pip install "rootkappa\[c'):
        worst_case(gradient_descent(1.0), Spectrum(0.5, 1.0), 1)


def test_an_answer_that_is_not_sure_is_none():
    bounds = Spectrum(0.01, 1.0)
    with pytest.raises(RuntimeError, match="not sure of the worst case of heavy ball over 16 st"):
        worst_case(optimizers.modular_heavy_ball(bounds), bounds, 16)


def test_steps_are_whole():
    with pytest.raises(TypeError, match="steps"):
        worst_case(gradient_descent(1.0), Spectrum(0.5, 1.0), 1.5)


RULED = heavy_ball(0.5, 0.5).with_restart(GradientRestart())
BAD = [
    ((RULED, HALF, 2), ValueError, "heavy ball has a restart rule, which depends on the run: cer"),
    ((HigherMomentum(0.1, 0.5), HALF, 2), TypeError, r"must be a Method, got HigherMomentum\("),
    ((None, HALF, 2), TypeError, "method must be a Method, got None: give heavy_ball"),
    ((gradient_descent(1.0), 0.5, 2), TypeError, "spectrum must be a Spectrum, got 0.5: give Sp"),
    ((gradient_descent(1.0), HALF, 0), ValueError, "steps must be at least 1, got 0"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_messages(arguments, error, message):
    with pytest.raises(error, match=message):
        worst_case(*arguments)


def test_a_schedule_is_followed_step_by_step():
    # Momentum on the second step alone, on the slow mode by hand; the other bounds would differ.
    w, before = 1.0, 1.0
    for beta in (0.0, 0.3, 0.0):
        before, w = w, w + beta * (w - before) - 0.5 * 0.5 * w
    method = heavy_ball(0.5, lambda t: 0.3 * (t == 1))
    assert worst_case(method, HALF, 3) == pytest.approx(w**2, rel=1e-4)


def test_only_the_condition_number_counts():
    # Other units of the loss are another step size; the ratio has no unit.
    plain = worst_case(gradient_descent(1.2), Spectrum(0.25, 1.0), 2)
    assert plain == pytest.approx(0.7**4, rel=1e-4)
    other = worst_case(gradient_descent(0.3), Spectrum(1.0, 4.0), 2)
    assert other == pytest.approx(plain, rel=1e-4)
