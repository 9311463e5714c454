"""Some replicas of a run are those of its arrays."""

from __future__ import annotations

import pytest
import torch

from rootkappa import LinearResNet, datasets, gradient_descent, train
from rootkappa.training.run import _rows

DATA = datasets.gaussian(d=3, k=2, n=5)


def _run():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 6, 2, range(6))
    methods = [gradient_descent(0.01 * (1 + row)) for row in range(6)]
    looks = {"loss": lambda now: now.model.residual(now.weights).square().sum((1, 2))}
    return train(
        model,
        methods,
        model.initialise(range(6)),
        4,
        observers=looks,
        observe_at=[2],
        keep_residuals=True,
    ).runs[0]


@pytest.mark.parametrize("rows", [[0], [5], [1, 2, 3], [0, 2, 4], [0, 1, 3], [3, 1], [2, 2]])
def test_a_selection_holds_the_rows(rows):
    run = _run()
    some = run.select(rows)
    for name in ("residual_norms", "lag1", "lag2", "stopped_at", "residuals"):
        torch.testing.assert_close(getattr(some, name), getattr(run, name)[rows], equal_nan=True)
    assert some.methods == tuple(run.methods[row] for row in rows)
    assert some.status == tuple(run.status[row] for row in rows)
    for name in ("weights", "start"):
        assert all(
            torch.equal(a, b[rows])
            for a, b in zip(getattr(some, name), getattr(run, name), strict=True)
        )
    assert torch.equal(some.observed["loss"], run.observed["loss"][rows])
    # The maps of the model go along.
    torch.testing.assert_close(
        some.model.residual(some.weights).norm(dim=(1, 2)), run.residual_norms[rows, -1]
    )


def test_all_rows_are_the_run_itself():
    run = _run()
    assert run.select(range(6)) is run


@pytest.mark.parametrize(
    ("rows", "view"),
    [
        ([2], True),
        ([1, 2, 3], True),
        ([0, 2, 4], True),
        ([1, 3, 5], True),
        ([0, 5], True),
        ([0, 1, 3], False),
        ([3, 1], False),
        ([2, 2], False),
    ],
)
def test_evenly_spaced_rows_are_not_copied(rows, view):
    run = _run()
    some = run.select(rows)
    for name in ("residual_norms", "residuals", "lag1"):
        ours, whole = getattr(some, name), getattr(run, name)
        shared = ours.untyped_storage().data_ptr() == whole.untyped_storage().data_ptr()
        assert shared is view


def test_what_was_not_kept_is_not_selected():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 6, 2, range(3))
    run = train(model, gradient_descent(0.01), model.initialise(range(3)), 4).runs[0]
    some = run.select([2, 0])
    assert (run.residuals, some.residuals, some.observed, some.observed_at) == (None, None, {}, ())
    assert torch.equal(some.start[0], run.start[0][[2, 0]])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([4], slice(4, 5, 1)),
        ([1, 2], slice(1, 3, 1)),
        ([1, 4, 7], slice(1, 8, 3)),
        ([0, 2, 3], [0, 2, 3]),
        ([5, 3, 1], [5, 3, 1]),
        ([1, 1], [1, 1]),
        ([0, 2, 4, 5], [0, 2, 4, 5]),
    ],
)
def test_rows_at_even_distances_are_a_slice(rows, found):
    assert _rows(rows) == found
    assert torch.arange(9)[_rows(rows)].tolist() == rows


def test_a_selection_of_a_selection_is_one_of_the_run():
    run = _run()
    twice, once = run.select([5, 3, 1]).select([2, 0]), run.select([1, 5])
    torch.testing.assert_close(twice.lag2, once.lag2, equal_nan=True)
    assert (twice.methods, twice.observed_at) == (once.methods, (2,))
    assert torch.equal(twice.weights[0], once.weights[0])
