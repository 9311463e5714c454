"""Cycles against linear programming on the interpolation conditions, and against real runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, linprog

from rootkappa import Spectrum, optimizers
from rootkappa.dynamics import stability_limit
from rootkappa.dynamics.cycles import CyclicFunction, cycle_margin, cycle_period
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov


def drawn(seed):
    """A method of the family, a spectrum and a period; every other one is heavy ball."""
    random = np.random.default_rng(seed)
    beta, at, share = random.uniform(size=3)
    gamma = 0.0 if seed % 2 else beta * random.uniform()
    limit = (2 + 2 * beta) / (1 + 2 * gamma)
    L = 10 ** random.uniform(-1, 1)
    bounds = Spectrum(L / 10 ** (3 * at), L)
    return Method(share * limit / L, beta, gamma, "drawn"), bounds, int(random.integers(2, 16))


def interpolable(method, bounds, period):
    """Whether values exist with which every pair meets the interpolation conditions."""
    eta, beta, gamma = method.coefficients(0)
    turns = 2 * np.pi * np.arange(period) / period
    w = np.stack([np.cos(turns), np.sin(turns)], 1)
    before, after = np.roll(w, 1, 0), np.roll(w, -1, 0)
    y = w + gamma * (w - before)
    g = (w + beta * (w - before) - after) / eta
    mu, L = bounds.lambda_min, bounds.lambda_max
    rows, limits = [], []
    for i in range(period):
        for j in range(period):
            if i != j:
                dy, dg = y[i] - y[j], g[i] - g[j]
                curved = dg @ dg / L + mu * dy @ dy - 2 * mu / L * dg @ dy
                row = np.zeros(period)
                row[j], row[i] = 1, -1
                rows.append(row)
                limits.append(-(g[j] @ dy) - curved / (2 * (1 - mu / L)))
    scale = max(map(abs, limits))
    free = [(None, None)] * period
    found = linprog(np.zeros(period), np.array(rows), np.array(limits) / scale, bounds=free)
    return found.status == 0


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_the_margin_decides_what_linear_programming_finds(first):
    seen = set()
    for seed in range(first, first + 40):
        problem = drawn(seed)
        margin = cycle_margin(*problem)
        if abs(margin) > 1e-6:
            assert (margin < 0) is interpolable(*problem), (seed, margin)
            seen.add(margin < 0)
    assert seen == {True, False}


def test_for_heavy_ball_it_is_the_recalled_inequality():
    for seed in range(1, 40, 2):
        method, bounds, period = drawn(seed)
        eta, beta, _ = method.coefficients(0)
        k, cos, step = 1 / bounds.kappa, math.cos(2 * math.pi / period), bounds.lambda_min * eta
        recalled = (
            step**2
            - 2 * (beta - cos + k * (1 - beta * cos)) * step
            + 2 * k * (1 - cos) * (1 + beta**2 - 2 * beta * cos)
        )
        here = k * (eta * bounds.lambda_max) ** 2 * cycle_margin(method, bounds, period)
        assert recalled == pytest.approx(here, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 0.6])
def test_period_two_is_the_limit_of_stability(gamma):
    bounds = Spectrum(0.01, 2.0)
    limit = stability_limit(Method(1.0, 0.6, gamma, "any"), bounds)
    inside, outside = (Method(c * limit, 0.6, gamma, "any") for c in (0.999, 1.001))
    assert cycle_margin(inside, bounds, 2) > 0 > cycle_margin(outside, bounds, 2)


def _threshold(tuning, period, low, high):
    def margin(kappa):
        bounds = Spectrum(1 / kappa, 1.0)
        return cycle_margin(tuning(bounds), bounds, period)

    return brentq(margin, low, high, xtol=1e-9)


def test_thresholds_of_two_tunings():
    # Three points on the circle, for Polyak's tuning: kappa = (2 + sqrt 5)^2.
    found = _threshold(optimizers.optimal_heavy_ball, 3, 10, 30)
    assert found == pytest.approx((2 + math.sqrt(5)) ** 2, rel=1e-9)
    assert _threshold(optimizers.modular_heavy_ball, 8, 20, 80) == pytest.approx(49.5, abs=0.1)
    below = Spectrum(1 / 49, 1.0)
    assert cycle_period(optimizers.modular_heavy_ball(below), below) is None


@pytest.mark.parametrize("tuning", ["lazy_nesterov", "classical_nesterov", "optimal_nesterov"])
@pytest.mark.parametrize("kappa", [1.5, 40.0, 1e4])
def test_nesterov_has_none(tuning, kappa):
    bounds = Spectrum(1 / kappa, 1.0)
    assert cycle_period(getattr(optimizers, tuning)(bounds), bounds) is None


def _is_in_the_class(f, seed):
    source = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, 200, 2, generator=source, dtype=torch.float64)
    difference, away = f.gradient(x) - f.gradient(y), x - y
    square = away.square().sum(1)
    assert ((difference * away).sum(1) / square).min() >= f.spectrum.lambda_min * (1 - 1e-9)
    assert (difference.square().sum(1) / square).sqrt().max() <= f.spectrum.lambda_max * (1 + 1e-9)
    leaf = x.clone().requires_grad_()
    slope = torch.autograd.grad(f.value(leaf).sum(), leaf)[0]
    assert (slope - f.gradient(x)).abs().max() < 1e-9 * f.spectrum.lambda_max


def _cycles(f):
    eta, beta, gamma = f.method.coefficients(0)
    before, w = f.weights[-1], f.weights[0]
    for t in range(2 * f.period):
        assert (w - f.weights[t % f.period]).norm() < 1e-6 * f.weights.norm()
        point = w + gamma * (w - before)
        before, w = w, w + beta * (w - before) - eta * f.gradient(point)


def test_the_function_is_in_the_class_and_makes_the_method_cycle():
    found = [seed for seed in range(400) if cycle_margin(*drawn(seed)) <= 0]
    assert len(found) > 20
    for seed in found:
        f = CyclicFunction(*drawn(seed))
        _is_in_the_class(f, seed)
        _cycles(f)


def test_what_is_refused():
    bounds = Spectrum(0.5, 1.0)
    with pytest.raises(ValueError, match=r"gradient descent has no cycle of period 3 here, its m"):
        CyclicFunction(gradient_descent(1.0), bounds, 3)
    with pytest.raises(ValueError, match=r"mu and L are equal, and the only such function is a q"):
        CyclicFunction(heavy_ball(1.0, 0.5), Spectrum(1.0, 1.0), 3)
    with pytest.raises(ValueError, match=r"period must be at least 2"):
        cycle_margin(nesterov(1.0, 0.5), bounds, 1)
    with pytest.raises(TypeError, match=r"spectrum"):
        cycle_margin(nesterov(1.0, 0.5), 3.0, 3)
