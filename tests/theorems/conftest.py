"""What the theorems' tests share: small networks whose numbers are known by hand."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, TwoLayerReLU


def _diagonal(*entries):
    return torch.diag(torch.tensor(entries, dtype=torch.float64))


@pytest.fixture
def by_hand():
    """A deep linear network of depth 4 with singular values 3 and 1, k = 2 and ||W*|| = 2."""

    def make(initialisation="gaussian", width=64, depth=4):
        return DeepLinear(_diagonal(3, 1), _diagonal(6, 1), width, depth, initialisation)

    return make


@pytest.fixture
def oblong():
    """A network in which no two sizes are equal: d = 3, k = 4, n = 5, r = 2, L = 6.

    sigma(X) = 3 and 1.5, and ||W*|| = 5, so that no square is a double either: L/k = 3/2,
    kappa = 4, and the stable rank is 5/4.
    """

    def make(initialisation="gaussian", width=64, depth=6):
        X = torch.zeros(3, 5, dtype=torch.float64)
        X[0, 0], X[1, 1] = 3.0, 1.5
        W = torch.zeros(4, 3, dtype=torch.float64)
        W[0, 0], W[3, 1] = 5.0, -2.0
        return DeepLinear(X, W @ X, width, depth, initialisation)

    return make


@pytest.fixture
def at_60_degrees():
    """A two-layer network on two inputs at 60 degrees: H_inf has the eigenvalues 1/3 and 2/3."""
    X = torch.tensor([[1.0, 0.5], [0.0, math.sqrt(0.75)]], dtype=torch.float64)

    def make(width=64, **options):
        return TwoLayerReLU(X, torch.ones(1, 2, dtype=torch.float64), width, **options)

    return make


@pytest.fixture
def two_replicas():
    """A residual network of depth 5 whose two replicas have diagonal maps, for each extreme one.

    sigma(A) = 1..2 and 3..4, sigma(B) = 5..6 and 1..7, sigma(X) = 3..1, so that the first replica
    decides neither the least nor the greatest product, but the loss at the start.
    """
    A = torch.stack([_diagonal(2, 1), _diagonal(4, 3)])
    B = torch.stack([_diagonal(6, 5), _diagonal(7, 1)])
    return LinearResNet(_diagonal(3, 1), _diagonal(-90, 1), A, B, 5)
