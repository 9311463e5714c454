"""Small networks near their start, for the tests of the book's own theorem."""

from __future__ import annotations

import pytest
import torch

from rootkappa import LinearResNet, TwoLayerReLU, datasets
from rootkappa.reductions import sample_orthogonal


@pytest.fixture
def orthogonal():
    """An orthogonal network of depth 3 at kappa = 2, with its start, of any width and labels."""

    def make(width=10**9, size=1.0):
        data = datasets.gaussian(d=4, k=1, kappa=2.0, seed=1).reduced()
        drawn = sample_orthogonal(data.X, size * data.Y, width, 3, [0])
        return drawn.model, drawn.weights

    return make


@pytest.fixture
def resnet():
    """A modified identity of depth 5 at kappa = 2, with its start, of any scale."""

    def make(scale=30.0):
        data = datasets.gaussian(d=3, k=2, kappa=2.0, seed=2).reduced()
        model = LinearResNet.modified_identity(data.X, data.Y, 5, 5, scale, scale)
        return model, model.initialise([0])

    return make


@pytest.fixture
def relu():
    """An antisymmetric two-layer network on 5 points of the sphere, with its start."""

    def make(width=2048, size=3e-3, n=5):
        data = datasets.sphere(d=10, n=n, seed=3)
        labels = size * data.Y / data.Y.norm()
        model = TwoLayerReLU(data.X, labels, width, "antisymmetric")
        return model, model.initialise([3])

    return make


@pytest.fixture
def jacobian():
    """The Jacobian of a network at a point, by automatic differentiation, shape (k n, p)."""

    def of(model, point):
        def outputs(*layers):
            return model.predict(list(layers))[0].T.flatten()

        rows = torch.autograd.functional.jacobian(outputs, tuple(point))
        return torch.cat([row.flatten(1) for row in rows], dim=1)

    return of
