"""What is particular to deep linear networks: the scaling, and the two initialisations."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, datasets


def test_the_prediction_is_the_plain_product():
    data = datasets.gaussian()
    model = DeepLinear(data.X, data.Y, width=11, depth=3)
    W1, W2, W3 = (layer[0] for layer in model.initialise([0]))
    torch.testing.assert_close(
        model.predict(model.initialise([0]))[0], W3 @ W2 @ W1 @ data.X / math.sqrt(11**2 * 3)
    )


@pytest.mark.parametrize(("width", "depth"), [(4096, 2), (16, 700)])
def test_no_power_of_the_width_overflows(width, depth):
    data = datasets.gaussian(d=3, k=2, n=4)
    for initialisation in ("gaussian", "orthogonal"):
        model = DeepLinear(data.X, data.Y, width, depth, initialisation)
        residual, factors = model.gradient_factors(model.initialise([0]))
        assert torch.isfinite(residual).all()
        assert all(torch.isfinite(a).all() and torch.isfinite(b).all() for a, b in factors)


def test_outputs_keep_the_size_of_the_inputs_on_average():
    data = datasets.gaussian(d=4, k=3, n=5)
    model = DeepLinear(data.X, data.Y, width=64, depth=3)
    ratio = model.predict(model.initialise(range(400))).square().sum((1, 2)) / data.X.square().sum()
    assert abs(float(ratio.mean()) - 1) < 4 * float(ratio.std()) / 20


def test_orthogonal_layers_are_scaled_isometries():
    data = datasets.gaussian(d=4, k=3, n=5)
    W1, W2, W3 = (
        layer[0] for layer in DeepLinear(data.X, data.Y, 9, 3, "orthogonal").initialise([0])
    )
    for gram in (W1.T @ W1, W2 @ W2.T, W3 @ W3.T):
        torch.testing.assert_close(gram, 9 * torch.eye(len(gram), dtype=gram.dtype))


@pytest.mark.parametrize("kappa", [4.0, 1e4])
def test_orthogonal_initialisation_has_the_condition_number_of_the_data(kappa):
    data = datasets.gaussian(kappa=kappa).reduced()
    model = DeepLinear(data.X, data.Y, width=16, depth=5, initialisation="orthogonal")
    weights = model.initialise([0, 1])
    kappas = [spectrum.kappa for spectrum in model.spectra(weights)]
    assert kappas == pytest.approx([kappa] * 2, rel=1e-9)
    whitened = model.whitened_spectrum(weights)
    assert float((whitened - 1).abs().max()) < 1e-9


def test_data_that_cannot_be_whitened_are_refused():
    data = datasets.gaussian(d=4, k=2, n=9)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    with pytest.raises(ValueError, match=r"singular for n = 9 samples: reduce.*Dataset.reduced"):
        model.whitened_spectrum(model.initialise([0]))


def test_gaussian_kernels_concentrate_like_the_root_of_the_width():
    data = datasets.gaussian().reduced()
    deviations = []
    for width in (256, 4096):
        model = DeepLinear(data.X, data.Y, width, depth=2)
        whitened = model.whitened_spectrum(model.initialise(range(4)))
        deviations.append(float((whitened - 1).abs().amax(1).mean()))
    assert math.log(deviations[0] / deviations[1], 16) == pytest.approx(0.5, abs=0.1)


BAD = [
    ({"width": 4, "initialisation": "orthogonal"}, r"width of at least max\(d, k\) = 10, got 4"),
    ({"initialisation": "he"}, "unknown initialisation 'he': choose one of gaussian, orthogonal"),
    ({"width": 0}, "width must be at least 1, got 0"),
    ({"depth": 0}, "depth must be at least 1, got 0"),
    ({"scale_width": 0}, "scale_width must be a finite number above 0, got 0"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_arguments_are_named(options, message):
    data = datasets.gaussian()
    with pytest.raises(ValueError, match=message):
        DeepLinear(data.X, data.Y, **{"width": 12, "depth": 3} | options)


def test_counts_may_be_written_as_floats_and_data_as_lists():
    model = DeepLinear([[1.0, 2.0]], [[3.0, 4.0]], width=1e1, depth=3.0)
    assert model.shapes == [(10, 1), (10, 10), (1, 10)]
    assert all(isinstance(size, int) for shape in model.shapes for size in shape)


def test_one_layer_has_no_hidden_width_to_be_orthogonal_in():
    data = datasets.gaussian(d=4, k=3, n=5)
    model = DeepLinear(data.X, data.Y, 1, 1, "orthogonal")
    assert model.shapes == [(3, 4)]
    assert torch.isfinite(model.initialise([0])[0]).all()


def test_a_gaussian_network_may_be_narrower_than_its_data():
    data = datasets.gaussian(d=6, k=4, n=7)
    model = DeepLinear(data.X, data.Y, 2, 3)
    assert model.shapes == [(2, 6), (2, 2), (4, 2)]
    assert int(torch.linalg.matrix_rank(model.predict(model.initialise([0]))[0])) == 2


def test_a_reduced_network_keeps_the_scale_of_the_wide_one():
    data = datasets.gaussian(d=4, k=2, n=5)
    model = DeepLinear(data.X, data.Y, 6, 4, scale_width=1e6)
    layers = [layer[0] for layer in model.initialise([0])]
    plain = layers[3] @ layers[2] @ layers[1] @ layers[0] @ data.X / math.sqrt(1e6**3 * 2)
    torch.testing.assert_close(model.predict(model.initialise([0]))[0], plain)
    assert DeepLinear(data.X, data.Y, 6, 4).scale_width == 6


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_products_meet_at_every_layer(depth):
    # S_l W_l Q_l^T, each with its share of the scale, is the output, whatever l.
    data = datasets.gaussian(d=4, k=3, n=5)
    model = DeepLinear(data.X, data.Y, 7, depth)
    weights = model.initialise([0, 1])
    above = model.products_above(weights)
    below = model.products_below(weights, data.X.mT.expand(2, -1, -1))
    assert (len(above), len(below)) == (depth + 1, depth)
    outputs = model.predict(weights)
    torch.testing.assert_close(above[0] @ data.X, outputs)
    for S, W, Q in zip(above[1:], weights, below, strict=True):
        torch.testing.assert_close(S @ W @ Q.mT, outputs)


@pytest.mark.parametrize("reduced", [True, False], ids=["reduced", "any inputs"])
def test_whitening_is_that_of_the_mean_kernel_by_hand(reduced):
    # Reduced inputs are diagonal; with as many samples as inputs others can be whitened too.
    data = datasets.gaussian(d=4, k=2, n=7 if reduced else 4, kappa=9)
    data = data.reduced() if reduced else data
    model = DeepLinear(data.X, data.Y, 16, 3)
    weights = model.initialise([0, 1])
    n = data.X.shape[1]
    mean = 3 / 2 * torch.kron(data.X.T @ data.X, torch.eye(2, dtype=torch.float64))
    for found, kernel in zip(
        model.whitened_spectrum(weights), model.tangent_kernel(weights), strict=True
    ):
        plain = torch.linalg.eigvals(torch.linalg.solve(mean, kernel)).real.sort().values
        assert found.shape == (2 * n,)
        torch.testing.assert_close(found, plain, rtol=1e-9, atol=1e-9)
