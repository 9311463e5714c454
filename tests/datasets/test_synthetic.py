"""Made data have the properties that they are asked for."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import datasets


@pytest.mark.parametrize("kappa", [1.0, 25.0, 1e6])
def test_the_condition_number_is_exact(kappa):
    assert datasets.gaussian(kappa=kappa).condition_number == pytest.approx(kappa, rel=1e-9)


def test_labels_without_noise_are_interpolated():
    assert datasets.gaussian().interpolation_error < 1e-25
    assert datasets.gaussian(noise=1.0).interpolation_error > 10


def test_points_lie_on_the_sphere_and_one_pair_at_its_angle():
    X = datasets.near_parallel_pair(0.01, d=6, n=8).X
    torch.testing.assert_close(X.norm(dim=0), torch.ones(8, dtype=torch.float64))
    assert math.acos(float(X[:, 0] @ X[:, 1])) == pytest.approx(0.01, rel=1e-6)
    assert torch.equal(X[:, 2:], datasets.sphere(d=6, n=8).X[:, 2:])


def test_the_seed_decides():
    assert torch.equal(datasets.gaussian(seed=3).X, datasets.gaussian(seed=3).X)
    assert not torch.equal(datasets.gaussian(seed=3).X, datasets.gaussian(seed=4).X)


def test_all_pairs_have_their_angle():
    data = datasets.paired(0.3, pairs=4, d=6)
    assert data.X.norm(dim=0).tolist() == pytest.approx([1] * 8)
    cosines = (data.X[:, :4] * data.X[:, 4:]).sum(0)
    assert cosines.arccos().tolist() == pytest.approx([0.3] * 4)
