"""Experiments whose numbers are known: momenta by hand, runs in plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.evidence.additive_models import trials
from rootkappa.evidence.additive_models.drawn import drawn
from rootkappa.optimizers import gradient_descent, nesterov


@pytest.mark.parametrize(
    ("momentum", "t_min", "beta"),
    [
        (trials.theirs, 1 / 16, 3.75 / 5.75),
        (trials.theirs, 1.0, 3 / 11),
        (trials.classical, 1 / 16, 0.6),
        (trials.classical, 0.25, 1 / 3),
        (trials.classical, 1.0, 0.0),
    ],
)
def test_momenta_of_a_slowest_mode(momentum, t_min, beta):
    assert momentum(t_min) == pytest.approx(beta)


@pytest.mark.parametrize("method", [gradient_descent(0.02), nesterov(0.015, 0.8)], ids=str)
def test_losses_and_steps_are_those_of_plain_loops(method, monkeypatch):
    monkeypatch.setattr(trials, "_STEPS", 6)
    each = [drawn(seed, (2.0, 2.0), activation="relu") for seed in (0, 1)]
    losses, squares = trials.Trials(each).path(method)
    eta, beta, gamma = method.coefficients(0)
    for row, draw in enumerate(each):
        A1, A2, b = (part.numpy() for part in (draw.model.A1, draw.model.A2, draw.model.Y))
        now = [layer[0].numpy() for layer in draw.start]
        before = now

        def residual(x, u, A1=A1, A2=A2, b=b):
            return A1 @ x + np.maximum(A2 @ u, 0) - b

        for t in range(7):
            assert float(losses[row, t]) == pytest.approx((residual(*now) ** 2).sum() / 2)
            y, v = (w + gamma * (w - old) for w, old in zip(now, before, strict=True))
            r = residual(y, v)
            slopes = [A1.T @ r, A2.T @ ((A2 @ v > 0) * r)]
            after = [
                w + beta * (w - old) - eta * slope
                for w, old, slope in zip(now, before, slopes, strict=True)
            ]
            if t < 6:
                steps = [((new - w) ** 2).sum() for new, w in zip(after, now, strict=True)]
                np.testing.assert_allclose(squares[row, t].numpy(), steps, rtol=1e-9)
            before, now = now, after
    mean, moved = trials.Trials(each).run(method)
    np.testing.assert_allclose(mean.numpy(), losses.numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(moved.numpy(), squares.numpy()[:, :, 0].mean(0), rtol=1e-12)


def test_an_experiment_has_the_numbers_that_it_tells():
    found = trials.experiment(3)
    assert 0.3 <= found.c <= 1
    assert 10 <= found.kappa_over_c <= 40
    assert found.eta * found.kappa_over_c == pytest.approx(1)
    assert {name: len(curve) for name, curve in found.curves.items()} == {
        "gd": 101,
        "nag": 101,
        "dx": 100,
    }
    # Both methods start at one point, up to reading errors in the fifth digit.
    assert float(found.curves["nag"][0] / found.curves["gd"][0]) == pytest.approx(1, abs=2e-4)
    assert not torch.equal(found.curves["nag"][0], found.curves["gd"][0])


def test_another_momentum_changes_nesterovs_curves_alone():
    theirs, other = trials.experiment(3), trials.experiment(3, trials.classical)
    assert torch.equal(theirs.curves["gd"], other.curves["gd"])
    assert theirs.eta == other.eta
    for name in ("nag", "dx"):
        assert float((theirs.curves[name] / other.curves[name] - 1).abs().max()) > 0.1
