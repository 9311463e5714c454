"""Networks of the population: what they are, and what moves them."""

from __future__ import annotations

import math

import pytest
import torch
from sklearn import datasets

from rootkappa.evidence.own_network import networks
from rootkappa.evidence.own_network.networks import NETWORKS, build


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_gives_one_number_a_sample(name):
    module, X, Y = build(name, 0)
    assert module(X).shape == Y.shape == (60, 1)
    assert {value.dtype for value in (*module.parameters(), X, Y)} == {torch.float64}


def test_weights_and_data_move_with_no_shift(monkeypatch):
    module, X, _ = build("ntk relu 400 made", 1)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    state = torch.random.get_rng_state()
    again, other, _ = build("ntk relu 400 made", 1)
    assert torch.equal(X, other)
    assert torch.equal(module.A, again.A)
    assert torch.equal(state, torch.random.get_rng_state())


def test_digits_are_the_first_threes_and_eights_in_shades_from_0_to_1():
    X, Y = networks.data("digits", 0)
    images, labels = datasets.load_digits(return_X_y=True)
    kept = [(image, label) for image, label in zip(images, labels, strict=True) if label in (3, 8)]
    for x, y, (image, label) in zip(X, Y, kept[:60], strict=True):
        assert x.tolist() == (image / 16).tolist()
        assert float(y) == {3: 1.0, 8: -1.0}[int(label)]


def test_diabetes_has_labels_of_mean_0_and_variance_1():
    X, Y = networks.data("diabetes", 0)
    table, target = datasets.load_diabetes(return_X_y=True)
    assert X.tolist() == (20 * table[:60]).tolist()
    y = torch.tensor(target[:60])
    assert float(Y.sum()) == pytest.approx(0, abs=1e-12)
    assert float(Y.square().sum()) == pytest.approx(59)
    assert float((Y[:, 0] @ y).sign()) == 1.0


def test_made_data_are_drawn_by_their_seed():
    X, Y = networks.data("made", 2)
    for x, y in zip(X.tolist(), Y[:, 0].tolist(), strict=True):
        assert y == pytest.approx(math.sin(x[0]) + x[1] * x[2] / 2, rel=1e-12)
    assert not torch.equal(X, networks.data("made", 1)[0])
    assert torch.equal(networks.data("digits", 1)[0], networks.data("digits", 2)[0])


@pytest.mark.parametrize("name", ["mlp tanh 100x2 c10 made", "res relu 64 c3 diabetes"])
def test_a_scale_multiplies_the_outputs(name):
    module, X, _ = build(name, 0)
    scale = float(name.split(" c")[1].split()[0])
    assert module.scale == scale
    torch.testing.assert_close(module(X), scale * module.network(X))


def test_a_perceptron_has_as_many_layers_as_its_name_says():
    module, _, _ = build("mlp gelu 100x2 c1 made", 0)
    sizes = [tuple(p.shape) for p in module.parameters() if p.ndim == 2]
    assert sizes == [(100, 8), (100, 100), (1, 100)]
    (one, _, _) = build("mlp relu 400x1 c1 digits", 0)
    assert [tuple(p.shape) for p in one.parameters() if p.ndim == 2] == [(400, 64), (1, 400)]


def test_the_network_of_the_theorems_divides_by_the_roots_of_its_sizes():
    module, X, _ = build("ntk tanh 400 made", 0)
    hidden = torch.tanh(X @ module.A.T / math.sqrt(8))
    torch.testing.assert_close(module(X), hidden @ module.b.T / math.sqrt(400))
    assert float(module.A.detach().std()) == pytest.approx(1, abs=0.05)


def test_a_residual_network_adds_its_blocks():
    module, X, _ = build("res tanh 64 c3 made", 0)
    network = module.network
    h = X @ network.first.weight.T + network.first.bias
    for block in network.blocks:
        h = h + torch.tanh(h @ block.weight.T + block.bias)
    assert len(network.blocks) == 3
    torch.testing.assert_close(module(X), 3 * (h @ network.last.weight.T + network.last.bias))


@pytest.mark.parametrize("name", ["att 32 c1 digits", "gru 32 c1 digits"])
def test_tokens_are_the_eight_rows_of_an_image(name):
    module, X, _ = build(name, 0)
    images = X.reshape(60, 8, 8)
    torch.testing.assert_close(networks._tokens(X), images)
    network = module.network
    if name.startswith("gru"):
        last = network.cell(images)[0][:, 7]
    else:
        h = network.embedding(images)
        last = (h + network.attention(h, h, h)[0]).mean(dim=1)
    torch.testing.assert_close(module(X), network.last(last))


def test_the_precision_of_torch_is_left_as_it_was():
    assert torch.get_default_dtype() == torch.float32
    with pytest.raises(RuntimeError), networks._double():
        raise RuntimeError
    assert torch.get_default_dtype() == torch.float32
    one, other = (build("ntk relu 400 made", seed)[0] for seed in (0, 1))
    assert not torch.equal(one.A, other.A)
