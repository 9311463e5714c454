"""The rotated last layer: the same network, seen from another side."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepReLU, datasets, gradient_descent, kernels, nesterov, train
from rootkappa.architectures import RotatedReLU
from rootkappa.architectures.rotated_relu import rotation


def _network(widths=(6, 16), k=2, n=5):
    data = datasets.gaussian(d=4, k=k, n=n)
    return DeepReLU(data.X, data.Y, widths)


def _hidden_features(model, weights):
    return model.features(weights)[-1][0]


def test_the_rotated_block_carries_the_whole_curvature():
    # A permutation for the rotation leaves features to z, and the block x with less curvature.
    network = _network()
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    by_x, by_z = rotated.coordinates(rotated.rotate(weights))
    assert (by_x.shape, by_z.shape) == ((1, 5, 5), (1, 16 - 5, 5))
    exact = torch.linalg.svdvals(_hidden_features(network, weights))
    torch.testing.assert_close(torch.linalg.svdvals(by_x)[0], exact)
    assert float(by_z.norm()) < 1e-12 * float(exact[0])
    flat = torch.linalg.eigvalsh(
        _hidden_features(network, weights) @ _hidden_features(network, weights).T
    )
    assert int((flat < 1e-10 * flat[-1]).sum()) == 16 - 5


@pytest.mark.parametrize("method", [gradient_descent(0.02), nesterov(0.02, 0.8)])
def test_methods_commute_with_the_rotation(method):
    network = _network()
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    plain = train(network, method, weights, 80)
    turned = train(rotated, method, rotated.rotate(weights), 80)
    for a, b in zip(plain.weights, rotated.restore(turned.weights), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_kernels_do_not_see_the_rotation():
    network = _network()
    weights = network.initialise([3])
    rotated = RotatedReLU.at(network, weights)
    torch.testing.assert_close(
        kernels.empirical(rotated, rotated.rotate(weights)), network.tangent_kernel(weights)
    )


def test_the_rotation_is_orthogonal_for_every_replica():
    network = _network()
    Q = rotation(network, network.initialise([0, 1]))
    eye = torch.eye(16, dtype=torch.float64).expand(2, -1, -1)
    torch.testing.assert_close(Q.mT @ Q, eye)


BAD = [
    (lambda: RotatedReLU.at(_network((6, 5)), []), "5 units for n = 5 samples.*at least 6"),
    (
        lambda: RotatedReLU(_network(), torch.eye(3)),
        r"shape \(16, 16\).*\(3, 3\): use RotatedReLU.at",
    ),
    (lambda: RotatedReLU(_network(), torch.ones(16, 16).double()), "not orthogonal.*by 1.6e"),
    (lambda: RotatedReLU(_network(), torch.eye(16).double() / 2), "not orthogonal.*by 7.5e-01"),
    (lambda: RotatedReLU.at(_network((16, 8, 5)), []), "5 units for n = 5 samples"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_what_is_no_rotation_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_features_of_both_parts_are_those_of_each_replica_turned_by_hand():
    network = _network()
    rotated = RotatedReLU.at(network, network.initialise([3]))
    weights = network.initialise([4, 5])
    by_x, by_z = rotated.coordinates(rotated.rotate(weights))
    for row, h in enumerate(network.features(weights)[-1]):
        by_hand = rotated.rotation.T @ h
        torch.testing.assert_close(by_x[row], by_hand[:5])
        torch.testing.assert_close(by_z[row], by_hand[5:])


def test_a_draw_is_that_of_the_network_turned():
    network = _network()
    rotated = RotatedReLU.at(network, network.initialise([3]))
    assert rotated.shapes == [(6, 4), (16, 6), (2, 5), (2, 11)]
    drawn = rotated.initialise([8, 9])
    for ours, plain in zip(rotated.restore(drawn), network.initialise([8, 9]), strict=True):
        torch.testing.assert_close(ours, plain)
    torch.testing.assert_close(rotated.predict(drawn), network.predict(network.initialise([8, 9])))


def test_outputs_are_the_sum_of_what_x_and_z_give():
    network = _network()
    rotated = RotatedReLU.at(network, network.initialise([3]))
    weights = rotated.initialise([4, 5])
    by_x, by_z = rotated.coordinates(weights)
    torch.testing.assert_close(rotated.predict(weights), weights[-2] @ by_x + weights[-1] @ by_z)


def test_the_first_of_several_replicas_is_what_one_rotates_by():
    network = _network()
    both = network.initialise([3, 4])
    one = RotatedReLU.at(network, network.initialise([3]))
    torch.testing.assert_close(RotatedReLU.at(network, both).rotation, one.rotation)


def test_patterns_do_not_see_the_rotation():
    network = _network()
    weights = network.initialise([3, 4])
    rotated = RotatedReLU.at(network, network.initialise([5]))
    for ours, plain in zip(
        rotated.activation_patterns(rotated.rotate(weights)),
        network.activation_patterns(weights),
        strict=True,
    ):
        assert torch.equal(ours, plain)


def test_a_rotation_in_single_precision_is_one_and_is_brought_to_the_data():
    network = _network()
    single = rotation(network, network.initialise([0]))[0].float()
    assert RotatedReLU(network, single).rotation.dtype == torch.float64
    with pytest.raises(ValueError, match=r"not orthogonal.*use architectures.rotation\(network"):
        RotatedReLU(network, single.double())  # of which more digits are promised


def test_what_is_no_deep_network_is_refused():
    with pytest.raises(TypeError, match=r"network must be .*DeepReLU\(X, Y, widths\)"):
        rotation(torch.eye(3), [])
