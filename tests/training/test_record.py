"""The record: rows in any order, blocks of any length, NaN where nothing was seen."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, Status, datasets, gradient_descent
from rootkappa.training.record import Record
from rootkappa.training.stack import Stack

DATA = datasets.gaussian(d=3, k=2, n=5)
MODEL = DeepLinear(DATA.X, DATA.Y, 6, 2)
METHODS = [gradient_descent(0.1 * (1 + row)) for row in range(3)]
STARTS = MODEL.initialise(range(3))
XI = torch.randn(9, 2, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def _record(**options):
    given = {"observers": {}, "observe_at": (), "keep_residuals": True} | options
    return Record(MODEL, METHODS, STARTS, 8, **given)


@pytest.mark.parametrize("cuts", [[9], [1, 9], [1, 2, 3, 9], list(range(1, 10))])
def test_blocks_of_any_length_give_the_same_record(cuts):
    record, rows = _record(), [2, 0]
    stack = Stack(MODEL, METHODS, STARTS, rows, None)
    before = torch.full((2, 2, 10), torch.nan, dtype=torch.float64)
    for first, last in zip([0, *cuts], cuts, strict=False):
        block = torch.cat([before, XI[first:last]])
        record.add(stack, first, block)
        before = block[-2:]
    run = record.run()
    torch.testing.assert_close(run.residual_norms[rows], XI.norm(dim=2).mT)
    torch.testing.assert_close(run.lag1[rows][:, 1:], (XI[1:] * XI[:-1]).sum(2).mT)
    torch.testing.assert_close(run.lag2[rows][:, 2:], (XI[2:] * XI[:-2]).sum(2).mT)
    assert run.residual_norms[1].isnan().all()
    columns = XI.unflatten(2, (2, 5)).transpose(2, 3).flatten(2)
    assert torch.equal(run.residuals[rows], columns.transpose(0, 1))


def test_a_replica_is_stored_where_it_belongs():
    stack = Stack(MODEL, METHODS, STARTS, [2, 0], None)
    stack.advance(1)
    record = _record()
    record.finish(2, [layer[0] for layer in stack.points], 1, Status.CONVERGED)
    run = record.run()
    assert run.status == (Status.RUNNING, Status.RUNNING, Status.CONVERGED)
    assert run.stopped_at.tolist() == [0, 0, 1]
    assert all(torch.equal(a[2], b[0]) for a, b in zip(run.weights, stack.points, strict=True))


def test_observers_look_only_when_it_is_time():
    record = _record(
        observers={"step": lambda now: torch.tensor([now.step] * 2)}, observe_at=(1, 3)
    )
    stack = Stack(MODEL, METHODS, STARTS, [2, 0], None)
    for step in range(3):
        record.observe(stack, step)
    nan = torch.nan
    expected = torch.tensor([[1, nan], [nan, nan], [1, nan]], dtype=torch.float64)
    torch.testing.assert_close(record.run().observed["step"], expected, equal_nan=True)


PARTS = [
    (range(9), (), [range(9)]),
    (range(1), (0,), [range(1)]),
    (range(4, 9), (4, 6), [range(4, 5), range(5, 7), range(7, 9)]),
    (range(4, 9), (8,), [range(4, 9)]),
    (range(4, 9), (3, 9), [range(4, 9)]),
    (range(4, 7), (4, 5, 6), [range(4, 5), range(5, 6), range(6, 7)]),
]


@pytest.mark.parametrize(("steps", "looks", "parts"), PARTS)
def test_steps_are_cut_behind_each_look(steps, looks, parts):
    record = Record(MODEL, METHODS, STARTS, 20, {}, looks, False)
    assert list(record.parts(steps)) == parts


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (None, "a NoneType"),
        ([1.0, 2.0], "a list"),
        (torch.tensor(1.0), r"a tensor of shape \(\)"),
        (torch.ones(3, 2), r"a tensor of shape \(3, 2\)"),
    ],
)
def test_what_an_observer_must_return_is_said(seen, shown):
    record = _record(observers={"it": lambda now: seen}, observe_at=(0,))
    stack = Stack(MODEL, METHODS, STARTS, [2, 0], None)
    message = f"^observer it returned {shown} for 2 replicas: return a tensor with one row a replic"
    with pytest.raises(TypeError, match=message):
        record.observe(stack, 0)


def test_observers_may_return_arrays_and_each_dtype_is_kept_if_it_has_a_nan():
    looks = {
        "single": lambda now: now.weights[0].float(),
        "flag": lambda now: torch.tensor([True, False]),
    }
    record = _record(observers=looks, observe_at=(0, 5))
    stack = Stack(MODEL, METHODS, STARTS, [2, 0], None)
    record.observe(stack, 0)
    seen = record.run().observed
    assert (seen["single"].dtype, seen["flag"].dtype) == (torch.float32, torch.float64)
    assert seen["single"].shape == (3, 2, 6, 3)
    assert torch.equal(seen["single"][[2, 0], 0], STARTS[0][[2, 0]].float())
    assert seen["flag"][:, 0].tolist()[::2] == [0.0, 1.0]
    assert seen["single"][1].isnan().all()
    assert seen["single"][:, 1].isnan().all()


def test_only_what_is_asked_for_is_kept():
    record = _record(keep_residuals=False)
    stack = Stack(MODEL, METHODS, STARTS, [1], None)
    record.add(stack, 0, torch.cat([XI[:2, :1] * torch.nan, XI[:3, :1]]))
    run = record.run()
    assert (run.residuals, run.observed, run.observed_at) == (None, {}, ())
    assert (run.model, run.methods, run.stopped_at.tolist()) == (MODEL, tuple(METHODS), [0, 0, 0])
    assert all(map(torch.equal, run.start, STARTS))
    assert [layer.shape for layer in run.weights] == [layer.shape for layer in STARTS]
    torch.testing.assert_close(run.residual_norms[1, :3], XI[:3, 0].norm(dim=1))
    assert run.residual_norms[1, 3:].isnan().all()


def test_those_that_used_all_steps_are_told_apart_by_their_sharpness_at_the_start():
    record, stack = _record(), Stack(MODEL, METHODS, STARTS, [2, 0], None)
    record.begin(stack)
    record.norms[:, -1] = torch.tensor([1.0, torch.nan, 0.0])
    assert record.unfinished(stack) == [Status.FLOOR, Status.RUNNING]
    record._first[0] = 0.0
    assert record.unfinished(stack) == [Status.FLOOR, Status.STATIONARY]
    record._first[0] = 1e9 * stack.sharpness()[1]
    assert record.unfinished(stack) == [Status.FLOOR, Status.PLATEAU]
