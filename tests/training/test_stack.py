"""A stack against walks of its replicas, before and after some of them have left."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    Method,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
)
from rootkappa.optimizers import walk
from rootkappa.training.stack import Stack

DATA = datasets.gaussian(d=3, k=2, n=5)
MODEL = DeepLinear(DATA.X, DATA.Y, 6, 2)
METHODS = [heavy_ball(0.1, 0.5), nesterov(0.1), gradient_descent(0.2)]
STARTS = MODEL.initialise(range(3))


def _walked(row, steps):
    start = [layer[row : row + 1] for layer in STARTS]
    return list(walk(METHODS[row], MODEL.gradient, start, steps))[-1].point


def _assert_at(stack, steps):
    for place, row in enumerate(stack.rows):
        for ours, theirs in zip(stack.points, _walked(row, steps), strict=True):
            torch.testing.assert_close(ours[place], theirs[0], rtol=1e-11, atol=1e-13)
    torch.testing.assert_close(stack.residual, MODEL.residual(stack.points))


def test_replicas_walk_together_and_go_on_when_the_first_has_left():
    stack = Stack(MODEL, METHODS, STARTS, [2, 0, 1], None)
    _assert_at(stack, 0)
    for t in range(1, 6):
        stack.advance(t)
    _assert_at(stack, 5)
    stack.keep([2, 1])
    assert stack.rows == [1, 0]
    assert all(torch.equal(a, b[[1, 0]]) for a, b in zip(stack.start, STARTS, strict=True))
    for t in range(6, 11):
        stack.advance(t)
    _assert_at(stack, 10)


def test_batches_do_not_hide_the_gradient_on_all_data():
    stack = Stack(MODEL, METHODS, STARTS, [0, 1, 2], Batches(2, range(3)))
    residual, factors = stack.on_all_data()
    for (left, right), exact in zip(factors, MODEL.gradient(STARTS), strict=True):
        torch.testing.assert_close(left @ right, exact)
    torch.testing.assert_close(residual, MODEL.residual(STARTS))
    assert not torch.allclose(
        stack.gradient[0][0] @ stack.gradient[0][1], MODEL.gradient(STARTS)[0]
    )


PAIRS = {
    "numbers alone": [heavy_ball(0.1, 0.5), gradient_descent(0.2), nesterov(0.1, 0.6)],
    "extrapolation alone": [Method(0.1, 0.0, 0.5), gradient_descent(0.2), gradient_descent(0.1)],
    "a schedule of momentum alone": [Method(0.1, lambda t: 0.5), *[gradient_descent(0.2)] * 2],
    "a schedule of extrapolation alone": [
        Method(0.1, 0.5, lambda t: 0.2 * (t % 3)),
        *[gradient_descent(0.2)] * 2,
    ],
    "no velocity": [gradient_descent(0.1), gradient_descent(0.2), gradient_descent(0.3)],
}


@pytest.mark.parametrize("methods", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("kept", [[0, 1, 2], [1, 2], [2, 0], [1]])
def test_every_mixture_of_methods_follows_its_walks(methods, kept):
    stack = Stack(MODEL, methods, STARTS, [0, 1, 2], None)
    for t in range(1, 4):
        stack.advance(t)
    stack.keep(kept)
    for t in range(4, 8):
        stack.advance(t)
    for place, row in enumerate(kept):
        start = [layer[row : row + 1] for layer in STARTS]
        (*_, last) = walk(methods[row], MODEL.gradient, start, 7)
        for ours, theirs in zip(stack.points, last.point, strict=True):
            torch.testing.assert_close(ours[place], theirs[0], rtol=1e-11, atol=1e-13)


def test_the_starting_weights_are_not_those_that_are_overwritten():
    kept = [layer.clone() for layer in STARTS]
    stack = Stack(MODEL, METHODS, STARTS, [0, 1, 2], None)
    stack.advance(1)
    assert all(torch.equal(a, b) for a, b in zip(STARTS, kept, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(stack.start, kept, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(stack.points, kept, strict=True))
