"""A compiled stack by itself: its replicas, the numbers of their steps, and its threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, heavy_ball, nesterov
from rootkappa.optimizers import Method, NesterovSchedule
from rootkappa.training._programs import program
from rootkappa.training.compiled._layout import Layout, Program
from rootkappa.training.compiled._stack import CompiledStack, _chosen
from rootkappa.training.stack import Stack

DATA = datasets.gaussian(d=3, k=2, n=5)
MODEL = DeepLinear(DATA.X, DATA.Y, 6, 2)
SCHEDULE = Method(0.2, NesterovSchedule(3), lambda t: 0.1 * (t % 4))
METHODS = [heavy_ball(0.3, 0.5), nesterov(0.2), gradient_descent(0.4), SCHEDULE, SCHEDULE]
STARTS = MODEL.initialise(range(5))


def _compiled(rows, threads=1):
    return CompiledStack(program(MODEL), MODEL, METHODS, STARTS, rows, threads)


def _close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
@pytest.mark.parametrize("kept", [[0, 1, 2], [2, 0], [1]])
def test_it_does_all_that_the_torch_stack_does(threads, kept):
    ours, theirs = _compiled([4, 1, 0], threads), Stack(MODEL, METHODS, STARTS, [4, 1, 0], None)
    for steps in (range(1), range(1, 2), range(2, 9)):
        _close(ours.take(steps), theirs.take(steps))
        _close(ours.sharpness(), theirs.sharpness())
    ours.keep(kept)
    theirs.keep(kept)
    assert (ours.rows, ours.methods) == (theirs.rows, theirs.methods)
    for one, other in zip(ours.start, theirs.start, strict=True):
        assert torch.equal(one, other)
    _close(ours.take(range(9, 30)), theirs.take(range(9, 30)))
    for one, other in zip(ours.points, theirs.points, strict=True):
        _close(one, other)


def test_a_range_from_the_start_holds_the_start_itself():
    stack = _compiled([3, 0])
    whole = stack.take(range(4))
    assert whole.shape == (4, 2, 10)
    _close(whole[0], MODEL.residual([layer[[3, 0]] for layer in STARTS]).flatten(1))
    _close(whole[3], MODEL.residual(stack.points).flatten(1))


def test_looking_does_not_move():
    stack = _compiled([0, 1])
    stack.take(range(3))
    before = [layer.clone() for layer in stack.points]
    stack.sharpness()
    stack.points[0].zero_()
    assert all(map(torch.equal, stack.points, before))
    assert stack.together(17) == 17


NUMBERS = {
    "a constant": (METHODS[0], range(1, 4)),
    "Nesterov's schedule": (METHODS[1], range(1, 5)),
    "two schedules, later": (SCHEDULE, range(7, 12)),
    "one step": (SCHEDULE, range(3, 4)),
    "no step": (SCHEDULE, range(1, 1)),
}


@pytest.mark.parametrize(("method", "taken"), NUMBERS.values(), ids=NUMBERS)
def test_the_step_to_t_has_the_numbers_before_it_and_the_extrapolation_after(method, taken):
    found = np.broadcast_to(CompiledStack._numbers(method, taken), (len(taken), 4))
    for row, t in zip(found, taken, strict=True):
        eta, beta, gamma = method.coefficients(t - 1)
        assert row.tolist() == [eta, beta, -gamma, 1 + method.coefficients(t)[2]]


@pytest.mark.parametrize(("replicas", "threads"), [(1, 1), (1, 4), (5, 1), (5, 2), (5, 4), (4, 4)])
def test_each_thread_has_neighbouring_replicas_and_none_is_left_out(replicas, threads):
    seen, lock = [], threading.Lock()

    def steps(points, velocities, numbers, residuals, rows):
        with lock:
            seen.append((rows.tolist(), threading.get_ident()))
        assert points[:, 0].tolist() == rows.tolist()
        assert len(points) == len(velocities) == len(numbers) == len(residuals)
        points += 1

    one = Program(Layout(((1, 1),), (1,)), steps)
    weights = [torch.arange(float(replicas)).double()[:, None, None]]
    model = DeepLinear(torch.ones(1, 1).double(), torch.ones(1, 1).double(), 1, 1)
    methods = [gradient_descent(0.1)] * replicas
    stack = CompiledStack(one, model, methods, weights, range(replicas), threads)
    stack.take(range(1, 2))
    parts = sorted(part for part, _ in seen)
    assert [row for part in parts for row in part] == list(range(replicas))
    assert len(parts) <= threads
    assert max(map(len, parts)) == -(-replicas // threads)
    if threads == 1:
        assert seen[0][1] == threading.get_ident()
    # What they were given is the stack's own, in place.
    assert stack.points[0].flatten().tolist() == list(range(1, replicas + 1))


@pytest.mark.parametrize("rows", [[0], [2, 0], [1, 1, 2]])
def test_chosen_rows_are_a_copy_that_starts_at_a_line_of_the_cache(rows):
    state = np.arange(24.0).reshape(3, 8)
    found = _chosen(state, rows)
    np.testing.assert_array_equal(found, state[rows])
    assert found.ctypes.data % 64 == 0
    assert not np.shares_memory(found, state)


def test_starts_in_another_precision_are_those_of_the_data():
    single = [layer.float() for layer in STARTS]
    stack = CompiledStack(program(MODEL), MODEL, METHODS, single, [1], 1)
    for found, given in zip(stack.start, single, strict=True):
        assert found.dtype == torch.float64
        assert torch.equal(found, given[[1]].double())
    assert {layer.dtype for layer in stack.points} == {torch.float64}
