"""Two momentum coefficients against a plain loop, its eigenvalues and heavy ball."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import modal_response, spectral_radius
from rootkappa.optimizers import HigherMomentum, heavy_ball

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


@pytest.mark.parametrize("second", [0.2, 0.5, 0.8])
def test_the_stability_limit(second):
    method = HigherMomentum(1.0, 0.2, second)
    around = torch.tensor([0.999, 1.001], dtype=torch.float64) * method.stability_limit
    below, above = method.radius(around).tolist()
    assert below < 1 < above


def test_messages():
    with pytest.raises(ValueError, match=r"second momentum .* at least 0, got -0.1: use 0"):
        HigherMomentum(0.1, 0.5, -0.1)
    with pytest.raises(ValueError, match=r"first momentum .* got inf"):
        HigherMomentum(0.1, math.inf)
