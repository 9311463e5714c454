"""Draws, and Lemma 14 by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.evidence.deep_relu_partition import drawn, lemma14, patience


def test_data_and_weights_share_no_numbers():
    start = drawn(0, 3, 64)
    data, weights = start.model.X.flatten(), start.weights[0].flatten()
    correlation = np.corrcoef(data[:100], weights[:100])[0, 1]
    assert abs(correlation) < 0.4
    assert start.model.X.norm(dim=0).numpy() == pytest.approx(math.sqrt(10))


def test_another_shift_is_another_draw(monkeypatch):
    before = drawn(0, 3, 64)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "2")
    after = drawn(0, 3, 64)
    assert not torch.equal(before.model.X, after.model.X)
    assert not torch.equal(before.weights[0], after.weights[0])


def test_lemma_14_by_hand():
    start = drawn(1, 3, 64)
    inner, middle, last = (layer[0].numpy() for layer in start.weights)
    X = start.model.X.numpy()
    features = np.maximum(middle @ np.maximum(inner @ X, 0), 0)
    lambdas = [2 * np.linalg.norm(layer, 2) for layer in (inner, middle, last)]
    found = lemma14(start)
    assert found.mu == pytest.approx(np.linalg.svd(features)[1][-1] ** 2 / 2)
    reach = np.linalg.norm(X) * lambdas[0] * lambdas[1]
    assert pytest.approx(reach**2) == found.L1
    assert found.R_x == pytest.approx(lambdas[2] / 2)


def test_patience_grows_with_the_root_of_kappa():
    constants = drawn(0, 3, 64).constants
    assert patience(constants) == int(10 * math.sqrt(constants.kappa)) + 100
