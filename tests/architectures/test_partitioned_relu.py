"""The partition in plain coordinates against the rotated network and the definition of x*."""

from __future__ import annotations

import torch

from rootkappa import DeepReLU, datasets
from rootkappa.architectures import PartitionedReLU, RotatedReLU


def _network(widths=(6, 16), k=2, n=5):
    data = datasets.gaussian(d=4, k=k, n=n)
    return DeepReLU(data.X, data.Y, widths)


def test_the_best_x_fits_the_labels_and_is_infinite_where_there_is_none():
    network = _network()
    start, weights = network.initialise([3, 5]), network.initialise([4, 6])
    partitioned = PartitionedReLU(network, start)
    best = partitioned.best_x(weights).view(2, 2, 5)
    Q = partitioned.basis
    moved = [*weights[:-1], weights[-1] + (best - weights[-1] @ Q) @ Q.mT]
    assert float(network.residual(moved).norm()) < 1e-10
    dead = [torch.zeros_like(layer) for layer in weights]
    assert bool(partitioned.best_x(dead).isinf().all())


def test_the_split_is_that_of_the_rotated_network():
    network = _network()
    start, weights = network.initialise([3]), network.initialise([4])
    rotated = RotatedReLU.at(network, start)
    x, u = PartitionedReLU(network, start).split(weights)
    turned = rotated.rotate(weights)
    torch.testing.assert_close(x.view_as(turned[-2]).abs(), turned[-2].abs())
    others = torch.cat([layer.flatten() for i, layer in enumerate(turned) if i != 2])
    torch.testing.assert_close(u.norm(), others.norm())
    steps = PartitionedReLU(network, start).split(network.gradient(weights))
    assert [part.shape for part in steps] == [x.shape, u.shape]
