"""Minibatches: unbiased, reproducible a replica at a time, and the same gradient as on a subset."""

from __future__ import annotations

import pytest
import torch

from rootkappa import Batches, DeepLinear, datasets, gradient_descent, nesterov, train
from rootkappa.architectures import LinearNetwork

DATA = datasets.gaussian(d=4, k=2, n=7, kappa=9)
MODEL = DeepLinear(DATA.X, DATA.Y, width=9, depth=3)
SAMPLINGS = ("replacement", "subset", "epoch")


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_shares_are_unbiased_and_sum_to_n(sampling):
    shares = Batches(2, range(3), sampling).shares(7, range(3))
    seen = torch.stack([shares(step) for step in range(4000)])
    torch.testing.assert_close(seen.sum(2), torch.full((4000, 3), 7.0, dtype=torch.float64))
    assert float((seen.mean(0) - 1).abs().max()) < 0.15
    once = bool((seen <= 3.5).all())
    assert once == (sampling != "replacement")


def test_an_epoch_visits_every_sample_once():
    shares = Batches(3, [0], "epoch").shares(6, [0])
    for epoch in range(5):
        total = shares(2 * epoch) + shares(2 * epoch + 1)
        assert torch.equal(total, torch.full((1, 6), 2.0, dtype=torch.float64))


def test_the_gradient_on_a_batch_is_that_of_its_samples(model, rounding):
    weights = model.initialise([0, 1])
    n = model.Y.shape[1]
    shares = Batches(4, [0, 1]).shares(n, [0, 1])(0).to(model.Y)
    if not isinstance(model, LinearNetwork):
        with pytest.raises(ValueError, match="no gradient on minibatches: train it on all data"):
            model.batch_factors(weights, shares)
        return
    layers = [layer.clone().requires_grad_() for layer in weights]
    (shares[:, None, :] * model.residual(layers).square()).sum().div(2).backward()
    residual, factors = model.batch_factors(weights, shares)
    torch.testing.assert_close(residual, model.residual(weights))
    for (left, right), layer in zip(factors, layers, strict=True):
        assert float((left @ right - layer.grad).norm() / layer.grad.norm()) < rounding


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_batch_of_everything_is_gradient_descent(sampling):
    if sampling == "replacement":
        return
    weights = MODEL.initialise([0])
    plain = train(MODEL, nesterov(0.1, 0.7), weights, 50)
    whole = train(MODEL, nesterov(0.1, 0.7), weights, 50, batches=Batches(7, [3], sampling))
    torch.testing.assert_close(whole.residual_norms, plain.residual_norms, rtol=1e-12, atol=0)


def test_the_order_of_a_replica_depends_on_its_seed_only():
    weights = [layer.expand(3, -1, -1) for layer in MODEL.initialise([0])]
    methods = [gradient_descent(0.05), gradient_descent(80.0), nesterov(0.02, 0.5)]
    together = train(MODEL, methods, weights, 300, batches=Batches(2, [4, 5, 6]))
    assert together.status[1].name == "DIVERGED"
    alone = train(MODEL, methods[2], MODEL.initialise([0]), 300, batches=Batches(2, [6]))
    torch.testing.assert_close(
        alone.residual_norms[0], together.residual_norms[2], rtol=1e-9, atol=1e-13
    )
    other = train(MODEL, methods[2], MODEL.initialise([0]), 300, batches=Batches(2, [7]))
    assert not torch.allclose(other.residual_norms, alone.residual_norms)
