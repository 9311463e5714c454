"""Some replicas of a run are those of its arrays."""

from __future__ import annotations

import pytest
import torch

from rootkappa import LinearResNet, datasets, gradient_descent, train

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
