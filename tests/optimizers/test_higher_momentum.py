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


def test_the_radius_is_that_of_the_cubic(scale=1e9):
    y = [0.01, 0.3, 1.0]
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
