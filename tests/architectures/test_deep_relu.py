"""Deep ReLU networks: the initialisation, frozen layers, activation patterns."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepReLU, datasets, nesterov, train
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
    (lambda: _network(frozen=(3,)), r"some of 0..2, not all of them, got \[3\]"),
    (lambda: _network(frozen=(0, 1, 2)), r"not all of them, got \[0, 1, 2\]: leave a layer"),
    (lambda: _network(frozen=(-1,)), "frozen layer must be at least 0, got -1"),
    (
        lambda: _network().predict(_network(widths=(3,)).initialise([0])),
        r"weights have shapes \[\(1, 3, 4\), \(1, 1, 3\)\], the model wants .*\(6, 4\), \(16, 6\)",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_sequence_of_widths_is_refused():
    for given in (8, "8", None):
        with pytest.raises(TypeError, match=r"widths must be a sequence, got .*: give \[64, 64\]"):
            _network(widths=given)
    with pytest.raises(TypeError, match="hidden width must be a whole number"):
        _network(widths=(2.5,))


@pytest.mark.parametrize(("widths", "last"), [((6,), 1), ((6, 16), 2), ((5, 4, 9), 3)])
def test_the_block_x_is_the_last_layer(widths, last):
    network = _network(widths)
    assert network.x_layers == (last,)
    assert network.depth == last + 1


def test_sensitivities_are_derivatives_of_the_outputs_along_each_layers_input():
    network = _network(k=2)
    weights = network.initialise([0, 1])
    found = network.sensitivities(weights)
    assert [tuple(part.shape) for part in found] == [(2, 5, 2, 6), (2, 5, 2, 16), (2, 5, 2, 2)]
    for row in range(2):
        layers = [layer[row] for layer in weights]
        for index in range(3):
            for i in range(5):
                h = network.X[:, i]
                for layer in layers[:index]:
                    h = torch.relu(layer @ h)

                def outputs(z, index=index, layers=layers):
                    for layer in layers[index + 1 :]:
                        z = layer @ torch.relu(z)
                    return z

                jacobian = torch.autograd.functional.jacobian(outputs, layers[index] @ h)
                torch.testing.assert_close(found[index][row, i], jacobian)


def test_the_kernel_of_the_last_layer_is_that_of_its_features():
    network = _network(k=2)
    weights = network.initialise([0, 1])
    shares = network.layer_kernels(weights)
    for row, h in enumerate(network.features(weights)[-1]):
        plain = torch.kron(h.T @ h, torch.eye(2, dtype=torch.float64))
        torch.testing.assert_close(shares[-1][row], plain)
        torch.testing.assert_close(network.last_layer_kernel(weights)[row], plain)
    torch.testing.assert_close(network.tangent_kernel(weights), torch.stack(shares).sum(0))


def test_weights_are_arranged_column_by_column():
    network = _network()
    weights = network.initialise([0, 1])
    for ours, layer in zip(network.arrange(weights), weights, strict=True):
        assert torch.equal(ours, layer)
        assert ours.mT.is_contiguous()


@pytest.mark.parametrize(
    "frozen", [{1}, frozenset({1}), [1], (1.0,)], ids=["set", "fset", "list", "float"]
)
def test_frozen_layers_may_be_given_in_any_collection(frozen):
    network = _network(frozen=frozen)
    assert network.frozen == frozenset({1})
    again = network.with_frozen([0])
    assert (again.frozen, network.frozen) == (frozenset({0}), frozenset({1}))
    assert again.shapes == network.shapes


def test_features_of_every_layer_are_plain_products():
    network = _network()
    weights = network.initialise([2, 3])
    for row in range(2):
        h = network.X
        for layer, seen in zip(weights, network.features(weights), strict=True):
            torch.testing.assert_close(seen[row], h)
            h = torch.relu(layer[row] @ h)
