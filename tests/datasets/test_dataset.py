"""The reduction to rank size is exact."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, heavy_ball, train
from rootkappa.datasets import Dataset, reduce_to_rank


def _rank_deficient():
    full = datasets.gaussian(d=5, k=2, n=12, noise=0.3)
    return Dataset(torch.cat([full.X, full.X[:2]]), full.Y, "two rows twice")


@pytest.mark.parametrize("data", [datasets.gaussian(noise=0.3), _rank_deficient()], ids=str)
def test_training_sees_only_the_reduced_data(data):
    runs = []
    for some in (data, reduce_to_rank(data)):
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
    assert reduce_to_rank(_rank_deficient()).X.shape == (7, 5)
    with pytest.raises(ValueError, match="X is zero"):
        reduce_to_rank(Dataset(torch.zeros(2, 3), torch.ones(1, 3), "nothing"))
