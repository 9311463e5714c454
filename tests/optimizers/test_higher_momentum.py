"""Two momentum coefficients against a plain loop, its eigenvalues and heavy ball."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.dynamics import modal_response, spectral_radius
from rootkappa.optimizers import HigherMomentum, heavy_ball
from rootkappa.problems import Spectrum

VALUES = torch.tensor([0.01, 0.3, 1.0], dtype=torch.float64)


def test_without_the_second_coefficient_it_is_heavy_ball():
    method = HigherMomentum(0.7, 0.6)
    run = torch.stack(list(method.run(lambda w: VALUES * w, torch.ones_like(VALUES), 50)), -1)
    torch.testing.assert_close(run, modal_response(heavy_ball(0.7, 0.6), VALUES, 50))
    torch.testing.assert_close(method.radius(VALUES), spectral_radius(heavy_ball(0.7, 0.6), VALUES))


def test_the_run_follows_the_third_order_recurrence_and_its_radius():
    method = HigherMomentum(0.5, 0.3, 0.4)
    run = torch.stack(list(method.run(lambda w: VALUES * w, torch.ones_like(VALUES), 400)), -1)
    y, b, c = 0.5 * VALUES.unsqueeze(-1), 0.3, 0.4
    # (z - 1)(z^2 - b z - c) + y z^2 = 0, multiplied out.
    ahead = (1 + b - y) * run[:, 2:-1] + (c - b) * run[:, 1:-2] - c * run[:, :-3]
    torch.testing.assert_close(run[:, 3:], ahead, rtol=1e-10, atol=1e-14)
    decay = (run[:, 350:].abs().amax(1) / run[:, 150:200].abs().amax(1)) ** (1 / 200)
    torch.testing.assert_close(decay, method.radius(VALUES), rtol=5e-3, atol=0)


@pytest.mark.parametrize(("second", "root", "gain"), [(0.8, 1.0, math.inf), (0.2, 0.5583, 5 / 3)])
def test_memory(second, root, gain):
    method = HigherMomentum(1e-4, 0.2, second)
    assert method.memory_roots[0] == pytest.approx(root, abs=1e-4)
    assert method.gain == pytest.approx(gain)


def _radius(y, b, c):
    """The largest root of (z - 1)(z^2 - b z - c) + y z^2, by NumPy."""
    return abs(np.roots(np.polyadd(np.polymul([1, -1], [1, -b, -c]), [y, 0, 0]))).max()


@pytest.mark.parametrize("b", [0.0, 0.2, 0.9, 1.5, 4.5])
@pytest.mark.parametrize("c", [0.0, 0.2, 0.8, 0.99, 1.0, 1.5])
def test_the_stability_limit_is_where_the_last_stable_product_lies(b, c):
    method = HigherMomentum(1.0, b, c)
    limit = method.stability_limit
    products = np.linspace(1e-3, 8, 400)
    stable = [y for y in products if _radius(y, b, c) < 1 - 1e-9]
    assert (limit == 0) == (not stable)
    if stable:
        assert stable[-1] < limit < stable[-1] + 0.03
        assert _radius(limit * (1 - 1e-6), b, c) < 1 < _radius(limit * (1 + 1e-6), b, c)
    if b + c < 1:
        assert len(stable) == sum(products < limit)


def test_the_radius_is_that_of_the_cubic():
    scale, y = 1e9, [0.01, 0.3, 1.0]
    expected = [_radius(value, 0.3, 0.4) for value in y]
    for given in (y, np.array(y), VALUES, Spectrum.of_values(y)):
        assert HigherMomentum(1.0, 0.3, 0.4).radius(given).tolist() == pytest.approx(expected)
    assert HigherMomentum(1 / scale, 0.3, 0.4).radius(scale * VALUES).tolist() == pytest.approx(
        expected
    )
    assert HigherMomentum(1.0, 0.3).radius([[0.5]]).shape == (1, 1)


BAD = [
    (lambda: HigherMomentum(0.1, 0.5, -0.1), ValueError, "second momentum .* at least 0, got -0.1"),
    (
        lambda: HigherMomentum(0.1, math.inf),
        ValueError,
        "first momentum .* got inf: use 0 for none",
    ),
    (lambda: HigherMomentum(0, 0.5), ValueError, "step size .* above 0, got 0"),
    (lambda: HigherMomentum(0.1, "0.5"), TypeError, "first momentum coefficient .* got '0.5'"),
    (lambda: HigherMomentum(0.1, 0.5, None), TypeError, "second momentum .* got None"),
    (lambda: HigherMomentum(0.1, 0.5).run(abs, VALUES, 1.5), TypeError, "steps .* got 1.5"),
    (lambda: HigherMomentum(0.1, 0.5).run(abs, None, 1), TypeError, "start must hold numbers"),
    (lambda: HigherMomentum(0.1, 0.5).radius(None), TypeError, "eigenvalues must hold numbers"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("first", "second"), [(0.2, 0.8), (0.5, 0.3), (0.0, 0.49), (1.3, 0.0)])
def test_the_memory_roots_are_those_of_numpy(first, second):
    found = HigherMomentum(0.1, first, second).memory_roots
    exact = sorted(np.roots([1, -first, -second]).real, reverse=True)
    assert found == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.0), (0.6, 0.0), (0.0, 0.5), (0.3, 0.4)])
def test_the_gain_is_the_sum_of_the_echoes_of_one_gradient(first, second):
    # A single push moves the weights by eta times the gain in the end.
    pulse = iter([1.0] + [0.0] * 400)
    method = HigherMomentum(0.5, first, second)
    *_, last = method.run(lambda w: torch.full_like(w, next(pulse)), torch.zeros(1).double(), 400)
    assert float(last) == pytest.approx(-0.5 * method.gain, rel=1e-12)


@pytest.mark.parametrize(("first", "second"), [(1.0, 0.0), (0.0, 1.0), (0.7, 0.3), (0.9, 0.9)])
def test_a_velocity_that_does_not_forget_has_an_infinite_gain(first, second):
    method = HigherMomentum(0.1, first, second)
    assert method.gain == math.inf
    assert method.memory_roots[0] >= 1 - 1e-12


@pytest.mark.parametrize(
    ("first", "second", "limit"),
    [
        (0.0, 0.0, 2.0),  # gradient descent
        (0.5, 0.0, 3.0),  # heavy ball
        (0.25, 0.5, 1.5),
        (0.0, 1.0, 0.0),
        (1.0, 0.0, 0.0),
        (2.5, 0.5, 0.0),
        (2.25, 0.5, 5.5),
    ],
)
def test_stability_limits_by_hand(first, second, limit):
    assert HigherMomentum(9.0, first, second).stability_limit == limit


def test_beyond_one_the_product_must_not_be_small():
    # beta_1 + beta_2 = 1.4: stable from (1 + beta_2)(beta_1 + beta_2 - 1)/beta_2 = 1.2 on.
    method = HigherMomentum(1.0, 0.9, 0.5)
    below, above, beyond = method.radius([1.2 * (1 - 1e-4), 1.2 * (1 + 1e-4), 2.8 * (1 + 1e-4)])
    assert above < 1 < min(below, beyond)


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_the_first_steps_by_hand(steps):
    # A slope of 1 everywhere: velocities 1, 1 + b, 1 + b (1 + b) + c.
    b, c = 0.5, 0.25
    shares = [0, 1, 1.5 + 1, 2.5 + 1 + b * 1.5 + c]
    path = list(HigherMomentum(0.1, b, c).run(torch.ones_like, torch.zeros(2, 3), steps))
    assert len(path) == steps + 1
    for point, share in zip(path, shares, strict=False):
        torch.testing.assert_close(point, torch.full((2, 3), -0.1 * share))


def test_a_run_leaves_its_start_alone_and_asks_for_no_gradient_at_the_end():
    asked, start = [], torch.tensor([1.0, 2.0])

    def gradient(w):
        asked.append(w.clone())
        return w

    path = HigherMomentum(0.1, 0.5, 0.2).run(gradient, start, 3)
    assert asked == []
    points = list(path)
    assert start.tolist() == [1, 2]
    assert points[-1].dtype == torch.float32
    assert [point.tolist() for point in points[:-1]] == [point.tolist() for point in asked]
    with pytest.raises(TypeError, match="gradient must be a function, got 3"):
        HigherMomentum(0.1, 0.5).run(3, start, 3)
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        HigherMomentum(0.1, 0.5).run(gradient, start, -1)


@pytest.mark.parametrize("shape", [(), (1,), (2, 1, 3), (0,)])
def test_a_radius_for_each_mode(shape):
    values = torch.full(shape, 0.3, dtype=torch.float32)
    found = HigherMomentum(1.0, 0.3, 0.4).radius(values)
    assert (found.shape, found.dtype) == (shape, torch.float64)
    exact = _radius(float(np.float32(0.3)), 0.3, 0.4)
    assert found.flatten().tolist() == pytest.approx([exact] * found.numel())


def test_numbers_are_kept_as_floats():
    method = HigherMomentum(np.float32(0.5), torch.tensor(0.25), 1)
    kept = (method.step_size, method.first, method.second)
    assert kept == (0.5, 0.25, 1.0)
    assert {type(number) for number in kept} == {float}
