"""The reduction to rank size is exact."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, datasets, heavy_ball, train
from rootkappa.datasets import Dataset
from rootkappa.draws import generator, haar


def _rank_deficient():
    full = datasets.gaussian(d=5, k=2, n=12, noise=0.3)
    return Dataset(torch.cat([full.X, full.X[:2]]), full.Y, "two rows twice")


@pytest.mark.parametrize("data", [datasets.gaussian(noise=0.3), _rank_deficient()], ids=str)
def test_training_sees_only_the_reduced_data(data):
    runs = []
    for some in (data, data.reduced()):
        model = DeepLinear(some.X, some.Y, width=16, depth=3)
        runs.append(train(model, heavy_ball(0.1, 0.8), model.initialise([0]), 200))
    for full, reduced in zip(runs[0].weights, runs[1].weights, strict=True):
        assert float((full - reduced).norm() / full.norm()) < 1e-12
    gap = runs[0].losses - runs[1].losses
    torch.testing.assert_close(
        gap, torch.full_like(gap, data.interpolation_error), rtol=1e-10, atol=0
    )


def test_the_interpolation_error_is_that_of_least_squares():
    data = datasets.gaussian(noise=0.3)
    W = torch.linalg.lstsq(data.X.T, data.Y.T).solution.T
    least = float((W @ data.X - data.Y).square().sum() / 2)
    assert data.interpolation_error == pytest.approx(least, rel=1e-12)


def test_the_rank_is_found():
    assert _rank_deficient().reduced().X.shape == (7, 5)
    values = torch.linalg.svdvals(_rank_deficient().X)
    assert _rank_deficient().condition_number == pytest.approx(float(values[0] / values[4]) ** 2)
    with pytest.raises(ValueError, match="X is zero"):
        Dataset(torch.zeros(2, 3), torch.ones(1, 3)).reduced()
    with pytest.raises(ValueError, match="X is zero"):
        _ = Dataset(torch.zeros(2, 3), torch.ones(1, 3)).condition_number


def test_samples_are_drawn_without_replacement():
    data = Dataset([[0.0, 1, 2, 3, 4]], [[0.0, 10, 20, 30, 40]], "five")
    some = data.subsample(3, seed=1)
    assert len(set(some.X[0].tolist())) == 3
    assert torch.equal(some.Y, 10 * some.X)
    assert some.description == "3 of five"
    for seed in (0, 1, 7):
        chosen = torch.randperm(5, generator=generator(seed))[:4]
        assert torch.equal(data.subsample(4, seed).X, data.X[:, chosen])
    assert sorted(data.subsample(5).X[0].tolist()) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="there are 5 samples, got n = 6: ask for fewer"):
        data.subsample(6)


BAD = [
    (lambda: Dataset(np.ones((2, 3), int), np.ones((1, 3))), TypeError, r"X.astype\(float\)"),
    (lambda: Dataset(None, [[1.0]]), TypeError, "X must hold numbers, got None"),
    (lambda: Dataset(torch.ones(2, 3, device="meta"), [[1.0]]), TypeError, "on the meta device"),
    (lambda: Dataset([[1.0, 2.0]], [[1.0]]), ValueError, "X has n = 2 samples and Y has n = 1"),
    (lambda: Dataset([[1.0, np.inf]], [[1.0, 2.0]]), ValueError, "X holds 1 NaN or infinite"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_what_is_no_data_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_the_condition_number_and_the_error_by_hand():
    data = Dataset([[3.0, 0, 0], [0, 1, 0]], [[1.0, 1, 2]])
    assert data.condition_number == pytest.approx(9)
    assert data.interpolation_error == pytest.approx(2)


NOISY = datasets.gaussian(d=4, k=2, n=7, kappa=9.0, noise=0.3)


@pytest.mark.parametrize("scale", [1e-3, 50.0])
def test_units_of_the_inputs_and_of_the_labels(scale):
    inputs, labels = Dataset(scale * NOISY.X, NOISY.Y), Dataset(NOISY.X, scale * NOISY.Y)
    assert inputs.condition_number == pytest.approx(9, rel=1e-9)
    assert inputs.interpolation_error == pytest.approx(NOISY.interpolation_error, rel=1e-9)
    assert labels.interpolation_error == pytest.approx(
        scale**2 * NOISY.interpolation_error, rel=1e-9
    )


def test_rotations_and_the_order_of_samples_change_neither_number():
    Q, P, R = haar(4, 4, generator(1)), haar(2, 2, generator(2)), haar(7, 7, generator(3))
    order = [6, 2, 0, 5, 1, 4, 3]
    for turned in (
        Dataset(Q @ NOISY.X, P @ NOISY.Y),
        Dataset(NOISY.X @ R, NOISY.Y @ R),
        Dataset(NOISY.X[:, order], NOISY.Y[:, order]),
    ):
        assert turned.condition_number == pytest.approx(9, rel=1e-9)
        assert turned.interpolation_error == pytest.approx(NOISY.interpolation_error, rel=1e-9)


def test_the_reduction_keeps_all_that_a_linear_network_sees():
    reduced = NOISY.reduced()
    assert reduced.X.shape == (4, 4)
    torch.testing.assert_close(reduced.X @ reduced.X.T, NOISY.X @ NOISY.X.T)
    torch.testing.assert_close(reduced.Y @ reduced.X.T, NOISY.Y @ NOISY.X.T)
    assert reduced.interpolation_error < 1e-25
    again = reduced.reduced()
    torch.testing.assert_close(again.X @ again.X.T, reduced.X @ reduced.X.T)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_and_device_are_those_asked_for(dtype):
    moved = NOISY.to(torch.device("cpu"), dtype)
    assert (moved.X.dtype, moved.Y.dtype) == (dtype, dtype)
    assert moved.description == NOISY.description
    torch.testing.assert_close(moved.X.double(), NOISY.X, rtol=1e-6, atol=1e-7)
