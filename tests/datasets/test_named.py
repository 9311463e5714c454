"""Bundled sets by name: unit inputs, two classes or a standardised regression, no parallel pair."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits

from rootkappa import datasets, kernels


@pytest.mark.parametrize("name", ["digits", "diabetes", "breast-cancer", "wine"])
def test_theorems_accept_the_inputs(name):
    data = datasets.load(name, n=60)
    assert data.Y.shape == (1, 60)
    kernels.require_unit_inputs(data.X)
    kernels.require_separated(data.X)
    if name != "diabetes":
        assert set(data.Y[0].tolist()) == {-1, 1}


def test_digits_are_the_images_of_two_classes():
    data = datasets.load("digits", n=40, seed=3)
    images, labels = load_digits(return_X_y=True)
    rows = torch.as_tensor(images[labels <= 1])
    cosines = data.X.T @ (rows / rows.norm(dim=1, keepdim=True)).T
    value, index = cosines.max(1)
    assert value.tolist() == pytest.approx([1] * 40)
    assert data.Y[0].tolist() == (2 * labels[labels <= 1][index] - 1).tolist()


def test_samples_of_one_direction_are_taken_once():
    X = torch.tensor([[1.0, 0, 1], [0, 1, 0]], dtype=torch.float64)
    assert datasets.named._first_of_parallel(X).tolist() == [True, True, False]


def test_the_seed_decides_the_draw():
    draws = [datasets.load("wine", n=20, seed=seed).X for seed in (0, 0, 1)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
