"""Deep ReLU networks: the initialisation, frozen layers, and the rotated last layer."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepReLU, datasets, gradient_descent, kernels, nesterov, train
from rootkappa.architectures import PartitionedReLU, RotatedReLU, rotation
from rootkappa.dynamics import frozen_norms


def _network(widths=(6, 16), k=1, n=5, frozen=()):
    data = datasets.gaussian(d=4, k=k, n=n)
    return DeepReLU(data.X, data.Y, widths, frozen)


def test_the_initialisation_is_that_of_the_paper():
    weights = _network(widths=(300, 400), k=40).initialise([0])
    deviations = [float(layer.std()) for layer in weights]
    assert deviations == pytest.approx([4**-0.5, 300**-0.5, 400**-0.75], rel=0.05)


def test_layer_kernels_are_those_of_each_layer_alone():
    network = _network(k=2)
    weights = network.initialise([0, 1])
    for index, share in enumerate(network.layer_kernels(weights)):
        others = set(range(network.depth)) - {index}
        alone = network.with_frozen(others)
        torch.testing.assert_close(alone.tangent_kernel(weights), share)

        def outputs(layer, index=index):
            layers = [w[:1] for w in weights]
            layers[index] = layer[None]
            return network.predict(layers)[0].T.reshape(-1)

        jacobian = torch.autograd.functional.jacobian(outputs, weights[index][0]).flatten(1)
        torch.testing.assert_close(share[0], jacobian @ jacobian.T)


@pytest.mark.parametrize("frozen", [(0,), (1,), (0, 1), (2,)])
def test_frozen_layers_stay_and_the_others_follow_their_gradient(frozen):
    network = _network(frozen=frozen)
    weights = network.initialise([0, 1])
    gradient = _network().gradient(weights)
    for index, (ours, full) in enumerate(zip(network.gradient(weights), gradient, strict=True)):
        torch.testing.assert_close(ours, torch.zeros_like(full) if index in frozen else full)
    run = train(network, nesterov(0.02, 0.5), weights, 5)
    for index, (now, start) in enumerate(zip(run.weights, weights, strict=True)):
        assert torch.equal(now, start) == (index in frozen)


def test_training_the_last_layer_alone_is_a_linear_recursion():
    network = _network(frozen=(0, 1))
    weights = network.initialise([0])
    values, vectors = torch.linalg.eigh(network.last_layer_kernel(weights)[0])
    shares = vectors.T @ network.residual(weights).flatten()
    method = nesterov(float(1 / values[-1]), 0.8)
    run = train(network, method, weights, 60)
    torch.testing.assert_close(run.residual_norms[0], frozen_norms(method, values, shares, 60))


def _hidden_features(model, weights):
    return model.features(weights)[-1][0]


def test_the_rotated_block_carries_the_whole_curvature():
    # A permutation for the rotation leaves features to z, and the block x with less curvature.
    network = _network(k=2)
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    by_x, by_z = rotated.coordinates(rotated.rotate(weights))
    exact = torch.linalg.svdvals(_hidden_features(network, weights))
    torch.testing.assert_close(torch.linalg.svdvals(by_x)[0], exact)
    assert float(by_z.norm()) < 1e-12 * float(exact[0])
    flat = torch.linalg.eigvalsh(
        _hidden_features(network, weights) @ _hidden_features(network, weights).T
    )
    assert int((flat < 1e-10 * flat[-1]).sum()) == 16 - 5


@pytest.mark.parametrize("method", [gradient_descent(0.02), nesterov(0.02, 0.8)])
def test_methods_commute_with_the_rotation(method):
    network = _network(k=2)
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    plain = train(network, method, weights, 80)
    turned = train(rotated, method, rotated.rotate(weights), 80)
    for a, b in zip(plain.weights, rotated.restore(turned.weights), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_the_best_x_fits_the_labels_and_is_infinite_where_there_is_none():
    network = _network(k=2)
    start, weights = network.initialise([3, 5]), network.initialise([4, 6])
    partitioned = PartitionedReLU(network, start)
    best = partitioned.best_x(weights).view(2, 2, 5)
    Q = partitioned.basis
    moved = [*weights[:-1], weights[-1] + (best - weights[-1] @ Q) @ Q.mT]
    assert float(network.residual(moved).norm()) < 1e-10
    dead = [torch.zeros_like(layer) for layer in weights]
    assert bool(partitioned.best_x(dead).isinf().all())


def test_the_split_is_that_of_the_rotated_network():
    network = _network(k=2)
    start, weights = network.initialise([3]), network.initialise([4])
    rotated = RotatedReLU.at(network, start)
    x, u = PartitionedReLU(network, start).split(weights)
    turned = rotated.rotate(weights)
    torch.testing.assert_close(x.view_as(turned[-2]).abs(), turned[-2].abs())
    others = torch.cat([layer.flatten() for i, layer in enumerate(turned) if i != 2])
    torch.testing.assert_close(u.norm(), others.norm())
    steps = PartitionedReLU(network, start).split(network.gradient(weights))
    assert [part.shape for part in steps] == [x.shape, u.shape]


def test_kernels_do_not_see_the_rotation():
    network = _network(k=2)
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    torch.testing.assert_close(
        kernels.empirical(rotated, rotated.rotate(weights)), network.tangent_kernel(weights)
    )


def test_a_negated_first_layer_switches_every_unit_of_it():
    network = _network()
    weights = network.initialise([0])
    patterns = network.activation_patterns(weights)
    others = network.activation_patterns([-weights[0], *weights[1:]])
    assert [tuple(p.shape[1:]) for p in patterns] == [(w, 5) for w in network.widths]
    assert bool((patterns[0] ^ others[0]).all())


def test_a_dead_unit_is_not_active():
    network = _network()
    weights = [torch.zeros_like(layer) for layer in network.initialise([0])]
    assert not any(bool(pattern.any()) for pattern in network.activation_patterns(weights))


BAD = [
    (lambda: _network(widths=()), r"at least one hidden layer, got widths \[\]: name one"),
    (lambda: _network(widths=(4, 0)), "hidden width must be at least 1, got 0"),
    (lambda: _network(frozen=(3,)), r"some of 0..2, not all, got \[3\]"),
    (lambda: _network(frozen=(0, 1, 2)), r"not all, got \[0, 1, 2\]: leave a layer"),
    (lambda: _network().predict(_network(widths=(3,)).initialise([0])), "got 2 layers .* depth 3"),
    (lambda: RotatedReLU.at(_network((6, 5)), []), "5 units for n = 5 samples.*at least 6"),
    (lambda: RotatedReLU(_network(), torch.eye(3).double()), r"shape \(16, 16\).*\(3, 3\)"),
    (lambda: RotatedReLU(_network(), torch.ones(16, 16).double()), "not orthogonal.*by 1.6e"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_rotation_is_orthogonal_for_every_replica():
    network = _network()
    Q = rotation(network, network.initialise([0, 1]))
    eye = torch.eye(16, dtype=torch.float64).expand(2, -1, -1)
    torch.testing.assert_close(Q.mT @ Q, eye)
