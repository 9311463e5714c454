"""Gradients on part of the data, and kernels between two points, of networks that are linear."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, datasets

DATA = datasets.gaussian(d=4, k=2, n=6)
NETWORKS = [
    DeepLinear(DATA.X, DATA.Y, width=7, depth=3),
    LinearResNet.modified_identity(DATA.X, DATA.Y, width=8, depth=3),
]


def _weights(network, seed):
    source = torch.Generator().manual_seed(seed)
    return [torch.randn(2, *shape, generator=source).double() for shape in network.shapes]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: type(n).__name__)
def test_the_gradient_on_a_batch_counts_its_samples(network):
    weights = [layer.requires_grad_() for layer in _weights(network, 0)]
    shares = torch.tensor([[0.0, 2, 1, 0, 0, 3], [1.0, 0, 0, 0, 0, 0]], dtype=torch.float64)
    loss = (shares[:, None] * network.residual(weights).square()).sum() / 2
    grads = torch.autograd.grad(loss, weights)
    residual, factors = network.batch_factors(weights, shares)
    torch.testing.assert_close(residual, network.residual(weights))
    for (left, right), oracle in zip(factors, grads, strict=True):
        torch.testing.assert_close(left @ right, oracle)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: type(n).__name__)
def test_the_cross_kernel_is_the_product_of_two_jacobians(network):
    points = [_weights(network, seed) for seed in (1, 2)]

    def jacobian(weights):
        def outputs(*layers):
            return network.predict([layer[None] for layer in layers])[0].T.reshape(-1)

        blocks = torch.autograd.functional.jacobian(outputs, tuple(layer[1] for layer in weights))
        return torch.cat([block.flatten(1) for block in blocks], dim=1)

    one, two = (jacobian(point) for point in points)
    torch.testing.assert_close(network.cross_kernel(*points)[1], one @ two.T)
    with pytest.raises(ValueError, match=r"weights have shapes .* the model wants"):
        network.cross_kernel(points[0], points[1][1:])


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: type(n).__name__)
def test_a_batch_of_all_samples_is_the_gradient_and_an_empty_one_is_zero(network):
    weights = _weights(network, 3)
    for share in (1.0, 0.0):
        _, factors = network.batch_factors(weights, torch.full((2, 6), share).double())
        for (left, right), whole in zip(factors, network.gradient(weights), strict=True):
            torch.testing.assert_close(left @ right, share * whole)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: type(n).__name__)
def test_the_cross_kernel_of_a_point_with_itself_is_its_kernel_and_turns_with_its_sides(network):
    one, two = _weights(network, 1), _weights(network, 2)
    torch.testing.assert_close(network.cross_kernel(one, one), network.tangent_kernel(one))
    across = network.cross_kernel(one, two)
    torch.testing.assert_close(across.mT, network.cross_kernel(two, one))
    torch.testing.assert_close(
        across[1:], network.cross_kernel([w[1:] for w in one], [w[1:] for w in two])
    )


SIZES = [
    ({"width": 0}, ValueError, "width must be at least 1, got 0"),
    ({"width": 2.5}, TypeError, "width must be a whole number, got 2.5"),
    ({"depth": 0}, ValueError, "depth must be at least 1, got 0"),
    ({"depth": "3"}, TypeError, "depth must be a whole number, got '3'"),
]


@pytest.mark.parametrize(
    "make", [DeepLinear, LinearResNet.modified_identity], ids=["deep", "resnet"]
)
@pytest.mark.parametrize(("sizes", "kind", "message"), SIZES)
def test_sizes_that_cannot_be_are_named(make, sizes, kind, message):
    with pytest.raises(kind, match=message):
        make(DATA.X, DATA.Y, **({"width": 8, "depth": 3} | sizes))
