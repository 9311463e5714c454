"""A stack against walks of its replicas, before and after some of them have left."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    LinearResNet,
    Method,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
)
from rootkappa.draws import generator
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    SpeedRestart,
    StepView,
    walk,
)
from rootkappa.training import stack as module
from rootkappa.training.stack import Stack, _sum

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


@pytest.mark.parametrize(
    ("fitting", "most", "steps"),
    [(0.5, 64, 1), (1, 64, 1), (3.9, 64, 2), (4, 64, 4), (63, 64, 32), (64, 64, 64), (900, 64, 64)],
)
def test_as_many_steps_go_together_as_their_residuals_fit(monkeypatch, fitting, most, steps):
    stack = Stack(MODEL, METHODS, STARTS, [0, 1], None)
    # Two replicas of 2 x 5 residuals of 8 bytes.
    monkeypatch.setattr(module, "_BLOCK_BYTES", int(fitting * 2 * 10 * 8))
    assert stack.together(most) == steps
    assert most % steps == 0


def test_residuals_of_steps_are_those_at_their_points():
    stack, slow = (Stack(MODEL, METHODS, STARTS, [2, 0, 1], None) for _ in range(2))
    taken = torch.cat([stack.take(range(1)), stack.take(range(1, 4)), stack.take(range(4, 7))])
    assert taken.shape == (7, 3, 10)
    for t in range(7):
        if t > 0:
            slow.advance(t)
        exact = slow.model.residual(slow.points).flatten(1)
        torch.testing.assert_close(taken[t], exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 100])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_sum_by_halves_is_the_sum(size, dtype):
    terms = torch.arange(1.0, 3 * size + 1).reshape(3, size).to(dtype)
    exact = terms.double().sum(1)
    assert _sum(terms.clone()).double().tolist() == exact.tolist()  # whole numbers are not rounded
    assert _sum(terms[None].expand(2, -1, -1).clone()).shape == (2, 3)


RULED = [
    nesterov(0.6).with_restart(FunctionRestart()),
    nesterov(0.6, 0.9).with_restart(GradientRestart()),
    heavy_ball(0.6, 0.95).with_restart(SpeedRestart()),
    nesterov(0.6).with_restart(GradientRestart()),
    nesterov(0.6),
]


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4], [4, 3, 2], [1], [2, 4]])
def test_rules_act_on_their_own_replicas_before_and_after_others_have_left(kept):
    starts = MODEL.initialise(range(5))
    stack = Stack(MODEL, RULED, starts, range(5), None)
    for t in range(1, 41):
        if t == 18:
            stack.keep(kept)
        stack.advance(t)
    for place, row in enumerate(kept):
        start = [layer[row : row + 1] for layer in starts]
        alone = Stack(MODEL, RULED[row : row + 1], start, [0], None)
        for t in range(1, 41):
            alone.advance(t)
        assert stack._clocks[place] == alone._clocks[0]
        for ours, theirs in zip(stack.points, alone.points, strict=True):
            torch.testing.assert_close(ours[place], theirs[0], rtol=1e-9, atol=1e-12)
    if kept == [0, 1, 2, 3, 4]:
        assert all(clock < 40 for clock in stack._clocks[:4])
        assert stack._clocks[4] == 40


@pytest.mark.parametrize("batches", [None, Batches(2, [3, 4])])
def test_sharpness_is_that_on_all_data(batches):
    stack = Stack(MODEL, METHODS, STARTS, [2, 0], batches and Batches(2, [3, 4, 5]))
    stack.advance(1)
    norms = sum(layer.square().sum((1, 2)) for layer in MODEL.gradient(stack.points)).sqrt()
    exact = norms / MODEL.residual(stack.points).norm(dim=(1, 2))
    torch.testing.assert_close(stack.sharpness(), exact, rtol=1e-12, atol=0)


def test_a_start_in_another_precision_is_taken_into_that_of_the_data():
    data = DATA.to(torch.device("cpu"), torch.float32)
    model = DeepLinear(data.X, data.Y, 6, 2)
    stack = Stack(model, METHODS, STARTS, [1], None)
    stack.advance(1)
    assert {layer.dtype for layer in (*stack.points, *stack.start, stack.residual)} == {
        torch.float32
    }


def test_a_replica_may_stand_twice_in_a_stack():
    stack = Stack(MODEL, METHODS, STARTS, [1, 1], None)
    for t in range(1, 4):
        stack.advance(t)
    _assert_at(stack, 3)


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_products_are_those_of_each_residual_with_itself_and_the_two_before(steps):
    block = torch.randn(2 + steps, 3, 7, generator=generator(0), dtype=torch.float64)
    found = Stack(MODEL, METHODS, STARTS, [0], None).products(block)
    assert found.shape == (3, 3, steps)
    for lag in range(3):
        for row in range(3):
            for t in range(steps):
                exact = float(block[t + 2, row] @ block[t + 2 - lag, row])
                assert float(found[lag, row, t]) == pytest.approx(exact, rel=1e-12, abs=1e-14)


def test_replicas_that_go_on_keep_the_maps_of_their_models():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 6, 2, range(3))
    starts = [layer + 0.1 for layer in model.initialise(range(3))]
    stack = Stack(model, [gradient_descent(0.01)] * 3, starts, [0, 1, 2], None)
    stack.advance(1)
    stack.keep([2, 0])
    stack.advance(2)
    for place, row in enumerate([2, 0]):
        start = [layer[row : row + 1] for layer in starts]
        alone = model.select([row])
        (*_, last) = walk(gradient_descent(0.01), alone.gradient, start, 2)
        torch.testing.assert_close(stack.residual[place], alone.residual(last.point)[0])


def test_replicas_that_go_on_keep_their_batches():
    batches = Batches(2, [3, 4, 5])
    stack = Stack(MODEL, METHODS, STARTS, [0, 1, 2], batches)
    for t in range(1, 8):
        if t == 4:
            stack.keep([2, 1])
        stack.advance(t)
    for place, row in enumerate([2, 1]):
        start = [layer[row : row + 1] for layer in STARTS]
        alone = Stack(MODEL, METHODS[row : row + 1], start, [0], Batches(2, [batches.seeds[row]]))
        for t in range(1, 8):
            alone.advance(t)
        torch.testing.assert_close(stack.residual[place], alone.residual[0], rtol=1e-11, atol=1e-13)


class Looking:
    """A rule that keeps what it was shown, and restarts its second replica at its third step."""

    def __init__(self):
        self.seen: list[StepView] = []

    def __call__(self, view):
        view = dataclasses.replace(view, velocities=[layer.clone() for layer in view.velocities])
        self.seen.append(view)
        return torch.tensor([False, len(self.seen) == 3])


def test_a_rule_is_shown_the_step_as_it_is_defined():
    rule = Looking()
    starts = [layer[:2] for layer in STARTS]
    method = heavy_ball(0.1, 0.5).with_restart(rule)
    stack = Stack(MODEL, [method] * 2, starts, [0, 1], None)
    points, norms = [[layer.clone() for layer in stack.points]], []
    for t in range(1, 6):
        norms.append(stack.residual.norm(dim=(1, 2)))
        stack.advance(t)
        points.append([layer.clone() for layer in stack.points])
    speeds = [
        sum((a - b).square().sum((1, 2)) for a, b in zip(now, before, strict=True)).sqrt()
        for before, now in itertools.pairwise(points)
    ]
    for step, view in enumerate(rule.seen):
        # Heavy ball's points are its positions, so that a step is the difference of two.
        torch.testing.assert_close(view.speeds, speeds[step], rtol=1e-11, atol=1e-14)
        torch.testing.assert_close(view.residual_norms, norms[step])
        torch.testing.assert_close(view.residual_norms_first, norms[0])
        gradients = MODEL.gradient(points[step])
        for found, exact in zip(view.gradients, gradients, strict=True):
            torch.testing.assert_close(found, exact, rtol=1e-11, atol=1e-13)
        before = norms[step - 1] if step else torch.full((2,), torch.inf, dtype=torch.float64)
        torch.testing.assert_close(view.residual_norms_before, before)
        slow = speeds[step - 1] * torch.tensor([1.0, step != 3]) if step else torch.zeros(2)
        torch.testing.assert_close(view.speeds_before, slow.double(), rtol=1e-11, atol=1e-14)
    assert [view.ages.tolist() for view in rule.seen] == [[1, 1], [2, 2], [3, 3], [4, 2], [5, 3]]
