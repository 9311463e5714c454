"""Strong aiming on quadratics, where every number is known, and at the target, where none is."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, Quadratic, TwoLayerReLU, datasets
from rootkappa.residuals import aiming

VALUES = torch.tensor([1.0, 3.0, 9.0], dtype=torch.float64)
MODEL = Quadratic.with_spectrum(VALUES)
ZERO = [torch.zeros(1, 3, 1, dtype=torch.float64)]


def test_a_quadratic_aims_with_its_least_eigenvalue():
    weights = MODEL.initialise(range(20))
    w = weights[0][:, :, 0]
    seen = aiming(MODEL, weights, [torch.zeros_like(weights[0])], 1.0)
    torch.testing.assert_close(seen.margin, (VALUES * w**2).sum(1) / w.square().sum(1))
    torch.testing.assert_close(seen.secant, seen.margin)
    assert bool((seen.margin >= 1).all() and (seen.cosine <= 1).all())


def test_a_constant_a_replica():
    weights = MODEL.initialise([0, 1])
    target = [torch.zeros_like(weights[0])]
    both = aiming(MODEL, weights, target, [1.0, 4.0])
    for row, mu in enumerate((1.0, 4.0)):
        alone = aiming(MODEL, [weights[0][row : row + 1]], ZERO, mu)
        for name in ("margin", "cosine", "secant"):
            torch.testing.assert_close(getattr(both, name)[row : row + 1], getattr(alone, name))


def test_the_numbers_are_those_of_automatic_differentiation():
    data = datasets.gaussian(d=3, k=2, n=5)
    model = DeepLinear(data.X, data.Y, 4, 3)
    weights, target = model.initialise([0]), model.initialise([1])
    leaves = [layer.clone().requires_grad_() for layer in weights]
    loss = model.residual(leaves).square().sum() / 2
    g = torch.cat([part.flatten() for part in torch.autograd.grad(loss, leaves)])
    away = torch.cat([(a - b).flatten() for a, b in zip(weights, target, strict=True)])
    seen = aiming(model, weights, target, 0.3)
    expected = (g @ away - loss.detach()) / (0.15 * away @ away)
    assert float(seen.margin) == pytest.approx(float(expected))
    assert float(seen.cosine) == pytest.approx(float(g @ away / g.norm() / away.norm()))
    assert float(seen.secant) == pytest.approx(float(g @ away / (0.3 * away @ away)))


def test_a_zero_gradient_aims_nowhere():
    X = torch.ones(2, 3, dtype=torch.float64)
    relu = TwoLayerReLU(X, X[:1], 4)
    dead = [-torch.ones(1, 4, 2, dtype=torch.float64), torch.ones(1, 1, 4, dtype=torch.float64)]
    seen = aiming(relu, dead, relu.initialise([0]), 1.0)
    assert float(seen.cosine) == 0.0
    assert float(seen.margin) < 0


START, TWO = MODEL.initialise([0]), MODEL.initialise([0, 1])
# The first of two replicas stands there.
HALF = torch.cat([TWO[0][:1], 0 * TWO[0][1:]])
BAD = [
    (lambda: aiming(MODEL, START, START, 1.0), ValueError, "1 of 1 replicas stand at their target"),
    (lambda: aiming(MODEL, ZERO, ZERO, 1.0), ValueError, "no direction to aim in: leave out"),
    (lambda: aiming(MODEL, START, ZERO, 0.0), ValueError, "mu must be .* above 0, got 0"),
    (lambda: aiming(MODEL, START, ZERO, math.nan), ValueError, "mu must be .* above 0, got nan"),
    (lambda: aiming(MODEL, START, ZERO, [1.0, 2.0]), ValueError, "mu must be a vector with 1 ent"),
    (lambda: aiming(MODEL, START, ZERO, [-1.0]), ValueError, "mu must be .* above 0, got -1"),
    (lambda: aiming(MODEL, TWO, [0 * TWO[0]], [1, -2.0]), ValueError, "mu must be .* got -2"),
    (lambda: aiming(MODEL, TWO, [HALF], 1.0), ValueError, "1 of 2 replicas stand at their target"),
    (lambda: aiming("linear", START, ZERO, 1.0), TypeError, "an architecture with its data"),
    (
        lambda: aiming(MODEL, START, [], 1.0),
        ValueError,
        r"target have shapes \[\], the model wants",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("scale", [1e-3, 40.0])
def test_units_of_the_loss_and_of_the_weights(scale):
    weights, target = MODEL.initialise([0, 1]), [torch.ones(2, 3, 1, dtype=torch.float64)]
    plain = aiming(MODEL, weights, target, 0.5)
    steeper = Quadratic.with_spectrum(scale * VALUES)
    found = aiming(steeper, weights, target, 0.5 * scale)
    for name in ("margin", "cosine", "secant"):
        torch.testing.assert_close(getattr(found, name), getattr(plain, name))
    longer = aiming(MODEL, [scale * weights[0]], [scale * target[0]], 0.5)
    for name in ("margin", "cosine", "secant"):
        torch.testing.assert_close(getattr(longer, name), getattr(plain, name))
    halved = aiming(MODEL, weights, target, 1.0)
    torch.testing.assert_close(halved.margin, plain.margin / 2)
    torch.testing.assert_close(halved.secant, plain.secant / 2)
    torch.testing.assert_close(halved.cosine, plain.cosine)


def test_aiming_straight_ahead_and_backwards():
    # On a round bowl the gradient points away from the minimiser.
    round_bowl = Quadratic.with_spectrum(torch.full((3,), 2.0, dtype=torch.float64))
    weights = [torch.tensor([[1.0, -2.0, 0.5]], dtype=torch.float64)[..., None]]
    seen = aiming(round_bowl, weights, ZERO, 2.0)
    assert [float(seen.margin), float(seen.cosine), float(seen.secant)] == pytest.approx([1, 1, 1])
    beyond = aiming(round_bowl, weights, [2 * weights[0]], 2.0)
    assert float(beyond.cosine) == pytest.approx(-1)
    assert float(beyond.secant) == pytest.approx(-1)
    assert float(beyond.margin) == pytest.approx(-3)


@pytest.mark.parametrize("mu", [0.1, [0.1]], ids=["a number", "one a replica"])
def test_a_constant_is_taken_in_double_precision(mu):
    weights = [torch.tensor([[[2.0], [1.0], [0.5]]], dtype=torch.float64)]
    seen = aiming(MODEL, weights, ZERO, mu)
    # <g, w> = sum lambda w^2 = 4 + 3 + 9/4 and ||w||^2 = 21/4.
    assert float(seen.secant) == pytest.approx(9.25 / (0.1 * 5.25), rel=1e-13)
    assert float(seen.margin) == pytest.approx(9.25 / (0.1 * 5.25), rel=1e-13)


def test_weights_in_single_precision_are_measured_in_it():
    model = Quadratic.with_spectrum(VALUES.float())
    start = model.initialise([0])
    seen = aiming(model, start, [torch.zeros(1, 3, 1)], 1.0)
    exact = aiming(MODEL, [start[0].double()], ZERO, 1.0)
    for name in ("margin", "cosine", "secant"):
        assert getattr(seen, name).dtype == torch.float32
        assert float(getattr(seen, name)) == pytest.approx(float(getattr(exact, name)), rel=1e-5)
