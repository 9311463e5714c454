"""Counted neurons: the same at every pass, in the law of the model, and refused elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import TwoLayerReLU, datasets
from rootkappa.draws import shifted
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.neurons import BLOCK, StoredNeurons, separate, together

DATA = datasets.sphere(d=3, n=4, k=2)


def _model(width=2 * BLOCK + 10, start="gaussian", **options):
    return TwoLayerReLU(DATA.X, DATA.Y, width, start, **options)


def test_a_block_is_the_same_whenever_it_is_drawn():
    model = _model()
    neurons = CountedNeurons([7]).of(model, 0)
    once, again = list(neurons), list(neurons)
    assert [block.first for block in once] == [0, BLOCK, 2 * BLOCK]
    for one, other in zip(once, again, strict=True):
        assert (one.W == other.W).all()
        assert (one.a == other.a).all()
    assert not (once[0].W == once[1].W).any()
    other_seed = next(iter(CountedNeurons([8]).of(model, 0)))
    assert not (once[0].W == other_seed.W).any()
    with shifted(1):
        assert not (once[0].W == next(iter(neurons)).W).any()


def test_all_weights_have_the_law_of_the_model():
    W, a = CountedNeurons(range(3)).draw(_model(bias=True))
    assert W.shape == (3, 2 * BLOCK + 10, 4)
    assert abs(float(W.mean())) < 4 * W.numel() ** -0.5
    assert abs(float(W.var()) - 1) < 4 * (2 / W.numel()) ** 0.5
    assert set(a.unique().tolist()) == {-1.0, 1.0}
    assert abs(float(a.mean())) < 4 * a.numel() ** -0.5


def test_twins_cancel_as_in_an_antisymmetric_model():
    model = _model(2 * BLOCK + 4, "antisymmetric")
    weights = CountedNeurons([0]).draw(model)
    assert float(model.predict(weights).abs().max()) < 1e-12
    assert torch.equal(weights[0][:, : BLOCK + 2], weights[0][:, BLOCK + 2 :])


def test_stored_neurons_come_back_as_they_were():
    model = _model()
    W, a = (layer[0] for layer in model.initialise([0]))
    assert all(map(torch.equal, together(separate(StoredNeurons(W, a)), model), (W, a)))
    assert np.shares_memory(next(iter(StoredNeurons(W, a))).W, W.numpy())


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: CountedNeurons("ab"),
            TypeError,
            r"seeds must be a sequence, got 'ab': give range",
        ),
        (lambda: CountedNeurons([0.5]), TypeError, "seed must be a whole number, got 0.5: round"),
        (lambda: CountedNeurons([torch.Generator()]), TypeError, "seed must be a whole number"),
        (lambda: CountedNeurons([-1]), ValueError, r"seed must lie in \[0, 2\^63\), got -1"),
        (lambda: CountedNeurons([]), ValueError, "number of replicas must be at least 1, got 0"),
        (
            lambda: CountedNeurons([0]).draw(_model(8, "bu2021")),
            ValueError,
            r"Gaussian, and the model starts as 'bu2021': give weights, model.initialise\(seeds\)",
        ),
    ],
)
def test_bad_seeds_and_other_starts_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
