"""The partition in plain coordinates against the rotated network and the definition of x*."""

from __future__ import annotations

import pytest
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


def test_too_few_units_are_refused():
    network = _network((6, 5))
    with pytest.raises(ValueError, match=r"5 units for n = 5 samples.*widen it to at least 6"):
        PartitionedReLU(network, network.initialise([0]))
    with pytest.raises(TypeError, match=r"network must be .*DeepReLU\(X, Y, widths\)"):
        PartitionedReLU("network", network.initialise([0]))


def test_each_replica_has_its_own_basis_and_its_own_best_x():
    network = _network()
    start, weights = network.initialise([3, 5]), network.initialise([4, 6])
    both = PartitionedReLU(network, start)
    assert both.basis.shape == (2, 16, 5)
    for row in range(2):
        alone = PartitionedReLU(network, [layer[row : row + 1] for layer in start])
        point = [layer[row : row + 1] for layer in weights]
        torch.testing.assert_close(both.basis[row : row + 1], alone.basis)
        torch.testing.assert_close(both.best_x(weights)[row : row + 1], alone.best_x(point))
        for ours, theirs in zip(both.split(weights), alone.split(point), strict=True):
            torch.testing.assert_close(ours[row : row + 1], theirs)


def test_one_dead_replica_has_no_best_x_and_the_other_keeps_its_own():
    network = _network()
    start = network.initialise([3, 5])
    partitioned = PartitionedReLU(network, start)
    weights = [layer.clone() for layer in start]
    weights[0][0] = 0.0
    best = partitioned.best_x(weights)
    assert bool(best[0].isinf().all())
    torch.testing.assert_close(best[1], partitioned.best_x(start)[1])


def test_the_gradient_is_that_of_the_network():
    network = _network()
    weights = network.initialise([3])
    partitioned = PartitionedReLU(network, weights)
    residual, factors = partitioned.gradient_factors(weights)
    torch.testing.assert_close(residual, network.residual(weights))
    for (left, right), gradient in zip(factors, network.gradient(weights), strict=True):
        torch.testing.assert_close(left @ right, gradient)
