"""When the loop stops a replica, step by step around its checks, and what it runs together."""

from __future__ import annotations

import contextlib
import itertools
import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa import Quadratic, Status, gradient_descent, nesterov, train
from rootkappa.training import loop

F64 = torch.float64
LINE = Quadratic.with_spectrum(torch.tensor([1.0], dtype=F64))


def _line(factor, steps, start=1.0, **options):
    """A run whose residual is multiplied by a factor at each step."""
    weights = [torch.full((1, 1, 1), start, dtype=F64)]
    return train(LINE, gradient_descent(1 - factor), weights, steps, **options)


@pytest.mark.parametrize(
    ("steps", "last"), [(1, 1), (10, 10), (63, 63), (64, 63), (65, 63), (127, 63), (500, 63)]
)
def test_a_run_below_its_tolerance_ends_at_the_next_check_or_with_its_steps(steps, last):
    found = _line(0.5, steps, tolerance=0.9)
    assert (found.status, found.stopped_at.tolist()) == ((Status.CONVERGED,), [last])
    assert found.residual_norms.shape == (1, steps + 1)
    exact = 0.5 ** torch.arange(last + 1, dtype=F64)
    torch.testing.assert_close(found.residual_norms[0, : last + 1], exact, rtol=1e-12, atol=0)
    assert found.residual_norms[0, last + 1 :].isnan().all()


@pytest.mark.parametrize(
    ("reached", "last"), [(1, 63), (63, 63), (64, 127), (127, 127), (128, 191), (191, 191)]
)
def test_checks_come_every_64_steps(reached, last):
    # 0.9^t is first below the tolerance at the step that is named.
    found = _line(0.9, 192, tolerance=0.9 ** (reached - 0.5))
    assert found.steps_to(0.9 ** (reached - 0.5)).tolist() == [reached]
    assert found.stopped_at.tolist() == [last]


def test_a_residual_exactly_at_the_tolerance_is_not_below_it():
    assert _line(0.5, 3, tolerance=0.125).status == (Status.RUNNING,)
    assert _line(0.5, 3, tolerance=0.1251).status == (Status.CONVERGED,)


def test_without_a_tolerance_a_run_takes_all_steps():
    found = _line(0.9, 300)
    assert (found.status, found.stopped_at.tolist()) == ((Status.RUNNING,), [300])


@pytest.mark.parametrize(
    ("growth", "status"), [(0.99e8, Status.RUNNING), (1.01e8, Status.DIVERGED)]
)
@pytest.mark.parametrize("start", [1e-9, 1.0, 1e9])
def test_a_run_is_lost_when_it_has_grown_a_hundred_million_fold(growth, status, start):
    found = _line(-(growth ** (1 / 63)), 63, start)
    assert found.status == (status,)
    assert float(found.residual_norms[0, -1] / start) == pytest.approx(growth, rel=1e-9)


NAN, INF = math.nan, math.inf
CHECKS = {
    # The norms since the last check, after a start of 2, and what is said of them.
    "nothing": ([1.0, 0.5, 0.3], None),
    "a dip": ([1.0, 0.1, 1.0], Status.CONVERGED),
    "exactly the tolerance": ([1.0, 0.2, 0.2], None),
    "large in between": ([1.0, 3e8, 1.0], None),
    "large in between, then small": ([1.0, 3e8, 0.1], Status.CONVERGED),
    "large at the end": ([1.0, 1.0, 2.01e8], Status.DIVERGED),
    "just not too large": ([1.0, 1.0, 2e8], None),
    "small, then large": ([0.1, 1.0, 2.01e8], Status.DIVERGED),
    "no number in between": ([0.1, NAN, 0.1], Status.DIVERGED),
    "infinite": ([1.0, 1.0, INF], Status.DIVERGED),
}


@pytest.mark.parametrize("over", [False, True])
def test_what_is_said_of_the_norms_since_the_last_check(over):
    ended = {}
    norms = torch.tensor([[2.0, NAN, *row] for row, _ in CHECKS.values()], dtype=F64)
    norms = torch.cat([norms, torch.tensor([[0.0, NAN, 0.0, 0.0, 0.0]], dtype=F64)])
    names = [*CHECKS, "a start at the optimum"]
    record = SimpleNamespace(
        norms=norms.flip(0),
        unfinished=lambda stack: [Status.PLATEAU] * len(names),
        finish=lambda row, weights, step, status: ended.update({row: (weights, step, status)}),
    )
    # The rows of the record are numbered from the end, the places in the stack from the start.
    rows = list(range(len(names)))[::-1]
    stack = SimpleNamespace(rows=rows, points=[10 * torch.arange(len(names))])
    kept = loop._settle(stack, record, range(2, 5), 4 if over else 9, 0.1)
    for place, name in enumerate(names):
        status = CHECKS[name][1] if name in CHECKS else Status.CONVERGED
        status = status or (Status.PLATEAU if over else None)
        assert (place in kept) is (status is None), name
        if status is not None:
            weights, step, found = ended[rows[place]]
            assert (float(weights[0]), step, found) == (10 * place, 4, status), name


def test_what_dips_below_the_tolerance_and_blows_up_before_the_check_is_lost():
    # The large mode is gone after a step; a small one grows 1.5-fold a step.
    model = Quadratic.with_spectrum(torch.tensor([1.0, 2.5], dtype=F64))
    start = [torch.tensor([[[1.0], [1e-3]]], dtype=F64)]
    found = train(model, gradient_descent(1.0), start, 200, tolerance=0.01)
    assert found.steps_to(0.01).tolist() == [1.0]
    assert (found.status, found.stopped_at.tolist()) == ((Status.DIVERGED,), [63])


@pytest.mark.parametrize("eta", [1e200, 1e308])
def test_what_overflows_within_a_block_is_lost_at_the_check(eta):
    start = [torch.ones(1, 1, 1, dtype=F64)]
    found = train(LINE, gradient_descent(eta), start, 300)
    assert (found.status, found.stopped_at.tolist()) == ((Status.DIVERGED,), [63])
    assert math.isfinite(float(found.residual_norms[0, 0]))


def test_the_weights_of_one_that_ended_are_those_of_its_last_step():
    starts = [torch.ones(3, 1, 1, dtype=F64)]
    methods = [gradient_descent(0.5), gradient_descent(0.01), gradient_descent(0.3)]
    found = train(LINE, methods, starts, 150, tolerance=1e-3)
    assert found.stopped_at.tolist() == [63, 150, 63]
    exact = [0.5**63, 0.99**150, 0.7**63]
    assert found.weights[0].flatten().tolist() == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_replicas_of_one_method_stand_side_by_side(size):
    one, other = gradient_descent(0.1), nesterov(0.1, 0.5)
    methods = [one, other, one, other, one]
    chunks = list(loop._chunks(methods, size))
    assert [len(rows) for rows in chunks] == [size] * (5 // size) + [5 % size] * (5 % size > 0)
    rows = [row for chunk in chunks for row in chunk]
    assert sorted(rows) == list(range(5))
    changes = sum(methods[a] is not methods[b] for a, b in itertools.pairwise(rows))
    assert changes == 1


def test_a_method_that_fits_is_returned_itself():
    method = nesterov(0.1)
    assert loop.check_method(method) is method
    assert loop._methods(method, 2) == (method, method)
    assert loop._methods(iter([method]), 1) == (method,)


def test_steps_to_look_at_are_sorted_and_taken_once():
    looks = {"it": len}
    assert loop._looks(looks, [5, 0, 5.0, torch.tensor(2)], 5) == (0, 2, 5)
    assert loop._looks({}, (), 5) == ()
    with pytest.raises(ValueError, match=r"observe_at must lie within 0\.\.5, got \[6, 9\]: drop"):
        loop._looks(looks, [9, 1, 6], 5)


MISTAKES = {
    "observers": (
        lambda: loop._looks({"a": 3}, [1], 5),
        TypeError,
        r"got {'a': 3}: give a dict, su",
    ),
    "before 0": (
        lambda: loop._looks({"a": len}, [-1], 5),
        ValueError,
        "a step of observe_at must be at least 0, got -1: raise it",
    ),
    "no flag": (
        lambda: loop._flags(on=None),
        TypeError,
        "on must be True or False, got None: choose",
    ),
    "a class of batches": (
        lambda: loop._batches(loop.Batches),
        TypeError,
        r"batches must be Batches\(size, seeds\), got <class .*Batches'>: make them, or give None",
    ),
    "no replica": (
        lambda: train(LINE, gradient_descent(0.1), [torch.ones(0, 1, 1, dtype=F64)], 3),
        ValueError,
        "number of replicas must be at least 1, got 0: raise it.",
    ),
    "a method in a list": (
        lambda: loop._methods([gradient_descent(0.1), 3.0], 2),
        TypeError,
        "methods must be of the family of three numbers, got 3.0: make one with",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_its_value_and_its_remedy(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("progress", "disable"), [(True, None), (False, True)])
def test_the_bar_is_for_terminals_can_be_switched_off_and_leaves_no_line(
    monkeypatch, progress, disable
):
    bars = []

    def bar(**options):
        bars.append(options)
        return contextlib.nullcontext(SimpleNamespace(update=lambda steps: None))

    monkeypatch.setattr("tqdm.tqdm", bar)
    _line(0.5, 9, progress=progress)
    assert bars == [{"total": 9, "disable": disable, "leave": False}]
