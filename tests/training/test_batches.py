"""Minibatches: unbiased, reproducible a replica at a time, and the same gradient as on a subset."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    nesterov,
    train,
)
from rootkappa.architectures import LinearNetwork
from rootkappa.training import batches

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
    if not isinstance(model, LinearNetwork | TwoLayerReLU):
        with pytest.raises(ValueError, match="no gradient on minibatches: train it on all data"):
            model.batch_factors(weights, shares)
        return
    layers = [layer.clone().requires_grad_() for layer in weights]
    (shares[:, None, :] * model.residual(layers).square()).sum().div(2).backward()
    residual, factors = model.batch_factors(weights, shares)
    torch.testing.assert_close(residual, model.residual(weights))
    for (left, right), layer in zip(factors, layers, strict=True):
        exact = torch.zeros_like(layer) if layer.grad is None else layer.grad
        assert float((left @ right - exact).norm()) <= rounding * float(exact.norm())


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_batch_of_everything_is_gradient_descent(sampling):
    if sampling == "replacement":
        return
    weights = MODEL.initialise([0])
    plain = train(MODEL, nesterov(0.1, 0.7), weights, 50)
    whole = train(MODEL, nesterov(0.1, 0.7), weights, 50, batches=Batches(7, [3], sampling))
    torch.testing.assert_close(whole.residual_norms, plain.residual_norms, rtol=1e-12, atol=0)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_order_of_a_replica_depends_on_its_seed_only(sampling, monkeypatch):
    # The replica that diverges stands first in the stack, and blocks of batches end while it runs.
    monkeypatch.setattr(batches, "_AHEAD", 8)
    model = DeepLinear(0.1 * DATA.X, 0.1 * DATA.Y, width=9, depth=3)
    weights = [layer.expand(3, -1, -1) for layer in model.initialise([0])]
    methods = [gradient_descent(30.0), gradient_descent(1e5), nesterov(20.0, 0.5)]
    assert sorted(map(repr, methods))[0] == repr(methods[1])
    together = train(model, methods, weights, 200, batches=Batches(2, [4, 5, 6], sampling))
    assert together.status[1].name == "DIVERGED"
    for row, seed in ((0, 4), (2, 6)):
        one = model.initialise([0])
        alone = train(model, methods[row], one, 200, batches=Batches(2, [seed], sampling))
        torch.testing.assert_close(
            alone.residual_norms[0], together.residual_norms[row], rtol=1e-9, atol=0
        )
        other = train(model, methods[row], one, 200, batches=Batches(2, [7], sampling))
        assert not torch.allclose(other.residual_norms, alone.residual_norms, rtol=1e-6)


@pytest.mark.parametrize("seeds", [range(3), np.arange(3), torch.arange(3), [0.0, 1.0, 2.0]])
def test_whole_seeds_of_any_kind_are_the_same(seeds):
    assert Batches(2, seeds) == Batches(2, [0, 1, 2])
    assert Batches(np.int64(2), seeds).size == Batches(2.0, seeds).size == 2


BAD = [
    (lambda: Batches(2, [1.7, 1.2]), TypeError, "seed must be a whole number, got 1.7: round it"),
    (lambda: Batches(2, ["a"]), TypeError, "seed must be a whole number, got 'a'"),
    (lambda: Batches(2, 3), TypeError, "seeds must be a sequence, got 3: give range"),
    (lambda: Batches(2, []), ValueError, "number of replicas must be at least 1, got 0"),
    (lambda: Batches(2, [-1]), ValueError, "seed must lie in .* got -1"),
    (lambda: Batches(2, None), TypeError, "seeds must be a sequence, got None"),
    (lambda: Batches(1.5, [0]), TypeError, "batch size must be a whole number, got 1.5"),
    (lambda: Batches(0, [0]), ValueError, "batch size must be at least 1, got 0: raise it"),
    (lambda: Batches(2, [2**63]), ValueError, "seed must lie in .* got 9223372036854775808"),
    (lambda: Batches(2, [0], "epochs"), ValueError, "unknown sampling 'epochs': choose one of ep"),
    (lambda: Batches(2, [0], 3), ValueError, "unknown sampling 3: choose one of epoch"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_arguments_get_one_sentence(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_step_may_be_asked_for_again_but_is_drawn_once():
    for sampling in SAMPLINGS:
        shares = Batches(3, [0, 1], sampling).shares(7, [0, 1])
        seen = [shares(step) for step in (0, 0, 1, 1, 2)]
        assert torch.equal(seen[0], seen[1])
        assert torch.equal(seen[2], seen[3])
        again = Batches(3, [0, 1], sampling).shares(7, [0, 1])
        assert all(torch.equal(again(step), seen[2 * step]) for step in range(3))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_replicas_that_go_on_keep_their_batches(sampling, monkeypatch):
    monkeypatch.setattr(batches, "_AHEAD", 4)
    whole, left = (Batches(2, range(4), sampling).shares(5, range(4)) for _ in range(2))
    for step in range(3):
        assert torch.equal(whole(step), left(step))
    left.keep((3, 1))
    for step in range(3, 20):
        assert torch.equal(whole(step)[[3, 1]], left(step))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_rows_choose_among_the_seeds(sampling):
    given = Batches(2, [5, 6, 7], sampling)
    some, all_of_them = given.shares(6, [2, 0]), given.shares(6, [0, 1, 2])
    for step in range(9):
        assert torch.equal(some(step), all_of_them(step)[[2, 0]])


@pytest.mark.parametrize(("samples", "size"), [(7, 3), (5, 5), (4, 1), (1, 1)])
def test_an_epoch_is_as_long_as_whole_batches_fit(samples, size):
    shares, whole = Batches(size, [3], "epoch").shares(samples, [0]), samples // size
    orders = []
    for epoch in range(6):
        seen = torch.cat([shares(whole * epoch + step) for step in range(whole)])
        counts = seen * size / samples
        torch.testing.assert_close(counts.sum(1), torch.full((whole,), float(size)).double())
        assert float(counts.sum(0).max()) == pytest.approx(1)
        orders.append(tuple(seen.argmax(1).tolist()))
    # It is shuffled again: those that are left out, and the order, change.
    assert samples == size or len(set(orders)) > 1


def test_every_subset_is_as_likely():
    shares = Batches(2, [0], "subset").shares(3, [0])
    pairs = [tuple((shares(step)[0] > 0).tolist()) for step in range(3000)]
    # Three pairs of 3000 draws: a standard deviation of 26.
    assert {pairs.count(pair) // 125 for pair in set(pairs)} <= {7, 8}
    assert len(set(pairs)) == 3


def test_a_sample_that_is_drawn_twice_counts_twice():
    shares = Batches(4, [0], "replacement").shares(2, [0])
    seen = {float(share) for step in range(50) for share in shares(step)[0]}
    assert seen == {0.0, 0.5, 1.0, 1.5, 2.0}


def test_a_batch_of_one_sample_is_a_step_of_kaczmarz():
    # x <- x - eta n a (a x - b): on a model w -> a w the gradient is that of the sample alone.
    X = torch.tensor([[1.0, 2.0, -1.0]], dtype=torch.float64)
    model = DeepLinear(X, 3 * X, 1, 1)
    given = Batches(1, [4])
    shares, w = given.shares(3, [0]), 0.5
    scale = float(model.predict([torch.ones(1, 1, 1, dtype=torch.float64)])[0, 0, 0])
    start = [torch.full((1, 1, 1), w, dtype=torch.float64)]
    run = train(model, gradient_descent(0.05), start, 6, batches=given)
    for t in range(7):
        norm = float(((scale * w - 3) * X).norm())
        assert float(run.residual_norms[0, t]) == pytest.approx(norm, rel=1e-12)
        j = int(shares(t)[0].argmax())
        w -= 0.05 * 3 * scale * X[0, j].item() ** 2 * (scale * w - 3)


def test_seeds_and_size_are_what_tells_batches_apart():
    assert Batches(2, [0]) != Batches(2, [1])
    assert Batches(2, [0]) != Batches(3, [0])
    assert Batches(2, [0]) != Batches(2, [0], "subset")
    assert hash(Batches(2, [0, 1])) == hash(Batches(2, range(2)))


FITS = [
    (8, 1, ValueError, r"batch size 8 exceeds the n = 7 samples: lower it, or train on all data"),
    (2, 3, ValueError, r"got 1 batch seeds for 3 replicas: give one each\."),
]


@pytest.mark.parametrize(("size", "replicas", "kind", "message"), FITS)
def test_batches_that_do_not_fit_the_run_are_refused(size, replicas, kind, message):
    with pytest.raises(kind, match=message):
        Batches(size, [0]).fit(7, replicas)
    assert Batches(7, [0]).fit(7, 1) is None
