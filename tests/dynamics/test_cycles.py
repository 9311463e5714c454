"""Cycles against linear programming on the interpolation conditions, and against real runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, linprog

from rootkappa import Spectrum, optimizers
from rootkappa.dynamics import stability_limit
from rootkappa.dynamics.cycles import (
    CyclicFunction,
    cycle_margin,
    cycle_margins,
    cycle_period,
)
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


def test_margins_come_in_the_order_of_the_periods():
    method, bounds, _ = drawn(3)
    one_by_one = [cycle_margin(method, bounds, period) for period in (7, 2, 5, 2)]
    for periods in ([7, 2, 5, 2], (7, 2, 5, 2), torch.tensor([7, 2, 5, 2]), np.array([7, 2, 5, 2])):
        assert cycle_margins(method, bounds, periods).tolist() == pytest.approx(
            one_by_one, rel=1e-14
        )
    assert cycle_margins(method, bounds, []).shape == (0,)
    with pytest.raises(ValueError, match="periods must lie in 2"):
        cycle_margins(method, bounds, [3, 1])


def test_margins_by_hand():
    # K = 2: z = -1, so that a = ((1 + beta) + beta + 1)/(1 + 2 gamma)/eta; cot(pi/2) = 0.
    bounds = Spectrum(0.5, 2.0)
    method = Method(0.5, 0.25, 0.5, "any")
    b = 2.5 / 2 / 0.5 / 2
    assert cycle_margin(method, bounds, 2) == pytest.approx(b**2 - 1.25 * b + 0.25)
    # K = 4: z = i, and heavy ball asks for ((1 + beta) + i beta - i)/eta; cot(pi/4) = 1.
    heavy = heavy_ball(1.0, 0.5)
    b = complex(1.5, -0.5) / 2
    expected = abs(b) ** 2 - 1.25 * b.real + 0.25 + 0.75 * abs(b.imag)
    assert cycle_margin(heavy, bounds, 4) == pytest.approx(expected)


def test_gradient_descent_asks_for_1_minus_z():
    # The gradients of gradient descent on the circle, (y_t - y_{t+1})/eta, turned by a quarter.
    bounds = Spectrum(0.1, 10.0)
    b = (1 - 1j) / 0.5 / 10
    expected = abs(b) ** 2 - 1.01 * b.real + 0.01 + 0.99 * abs(b.imag)
    assert cycle_margin(gradient_descent(0.5), bounds, 4) == pytest.approx(expected)
    # It never cycles below its limit.
    assert cycle_period(gradient_descent(0.199), bounds) is None
    assert cycle_period(gradient_descent(0.2001), bounds) == 2


@pytest.mark.parametrize("longest", [2, 3, 4])
def test_the_shortest_cycle_is_found_up_to_the_longest_period(longest):
    bounds = Spectrum(1.0, 25.0)
    method = optimizers.optimal_heavy_ball(bounds)
    margins = [cycle_margin(method, bounds, K) for K in (2, 3, 4)]
    assert margins[0] > 0 >= margins[1]
    assert cycle_period(method, bounds, longest) == (None if longest == 2 else 3)


@pytest.fixture
def cyclic():
    bounds = Spectrum(1.0, 25.0)
    return CyclicFunction(optimizers.optimal_heavy_ball(bounds), bounds, 3)


def test_points_are_roots_of_unity_and_gradients_are_as_asked(cyclic):
    half = math.sqrt(0.75)
    corners = torch.tensor([[1, 0], [-0.5, half], [-0.5, -half]]).double()
    torch.testing.assert_close(cyclic.points, corners, rtol=0, atol=1e-7)
    # (w_t + beta (w_t - w_{t-1}) - w_{t+1})/eta on the circle; no extrapolation, so points are w.
    eta, beta, _ = cyclic.method.coefficients(0)
    w = cyclic.points
    asked = (w + beta * (w - w.roll(1, 0)) - w.roll(-1, 0)) / eta
    torch.testing.assert_close(cyclic.asked, asked, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(cyclic.weights, w, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(cyclic.gradient(w), asked, rtol=1e-9, atol=1e-9)


def test_the_value_is_least_at_0_and_a_parabola_of_slope_mu_inside(cyclic):
    zero = torch.zeros(2, dtype=torch.float64)
    assert float(cyclic.value(zero)) == 0
    assert cyclic.gradient(zero).tolist() == [0, 0]
    # Inside of the polygon only mu/2 |x|^2 is left, far outside nearly L/2 |x|^2.
    near = torch.tensor([1e-3, -2e-3], dtype=torch.float64)
    assert float(cyclic.value(near)) == pytest.approx(5e-6 / 2)
    far = torch.tensor([0.0, 1e6], dtype=torch.float64)
    assert float(cyclic.value(far)) == pytest.approx(25 / 2 * 1e12, rel=1e-4)


def test_distances_to_the_polygon_against_a_search_along_its_sides(cyclic):
    mu, L = cyclic.spectrum.lambda_min, cyclic.spectrum.lambda_max
    corners = (L * cyclic.points - cyclic.asked) / (L - mu)
    shares = torch.linspace(0, 1, 4001, dtype=torch.float64)[:, None, None]
    sides = ((1 - shares) * corners + shares * corners.roll(-1, 0)).flatten(0, 1)
    source = torch.Generator().manual_seed(0)
    for x in 2 * torch.randn(40, 2, generator=source).double():
        # Outside where a side has the point and the middle of the polygon on its two sides.
        edge = corners.roll(-1, 0) - corners
        beyond = edge[:, 0] * (x - corners)[:, 1] - edge[:, 1] * (x - corners)[:, 0] < 0
        least = float((sides - x).norm(dim=1).min()) if bool(beyond.any()) else 0.0
        value = mu / 2 * float(x.square().sum()) + (L - mu) / 2 * least**2
        assert float(cyclic.value(x)) == pytest.approx(value, rel=1e-5)


def test_a_stack_of_points_is_read_point_by_point(cyclic):
    x = torch.linspace(-2, 2, 24, dtype=torch.float64).reshape(2, 3, 4)
    stack = x[..., ::2]
    assert not stack.is_contiguous()
    gradients, values = cyclic.gradient(stack), cyclic.value(stack)
    assert (gradients.shape, values.shape) == ((2, 3, 2), (2, 3))
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(gradients[i, j], cyclic.gradient(stack[i, j]))
            torch.testing.assert_close(values[i, j], cyclic.value(stack[i, j]))


BAD = [
    (lambda b: CyclicFunction(heavy_ball(1.0, 0.5), 2.0, 3), TypeError, "Spectrum, got 2.0: give"),
    (lambda b: CyclicFunction(None, b, 3), TypeError, "method must be a Method, got None"),
    (lambda b: CyclicFunction(heavy_ball(1.0, 0.5), b, 1), ValueError, "period must be at least 2"),
    (lambda b: cycle_period(heavy_ball(1.0, 0.5), b, 1), ValueError, "longest must be at least 2"),
    (lambda b: cycle_margin(heavy_ball(1.0, 0.5), b, 2.5), TypeError, "period must be a whole"),
    (lambda b: cycle_margin(nesterov(1.0), b, 3), ValueError, "a cycle needs constant"),
    (lambda b: cycle_margin(None, b, 3), TypeError, "method must be a Method, got None"),
    (lambda b: cycle_period(heavy_ball(1.0, 0.5), None), TypeError, "Spectrum, got None"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(Spectrum(0.5, 1.0))


@pytest.mark.parametrize(("kappa", "cycles"), [(17.9, False), (18.0, True)])
def test_next_to_the_threshold_there_is_a_function_or_there_is_none(kappa, cycles):
    # kappa = (2 + sqrt 5)^2 = 17.94 for Polyak's tuning and three points.
    bounds = Spectrum(1 / kappa, 1.0)
    method = optimizers.optimal_heavy_ball(bounds)
    assert abs(cycle_margin(method, bounds, 3)) < 1e-2
    if cycles:
        f = CyclicFunction(method, bounds, 3)
        torch.testing.assert_close(f.gradient(f.points), f.asked, rtol=1e-8, atol=1e-10)
    else:
        with pytest.raises(ValueError, match=r"no cycle of period 3 here, its margin is 0\.0"):
            CyclicFunction(method, bounds, 3)
