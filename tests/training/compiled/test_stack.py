"""Kernels against the torch engine: any sizes and methods, the same record, statuses and steps."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Status,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.evidence.deep_linear.networks import OwnLabels
from rootkappa.evidence.linear_resnet.stacked import Stacked
from rootkappa.optimizers import Method
from rootkappa.training import Snapshot

# Of the first residual, at every step; 4e-15 was measured.
ROUNDING = 1e-13


def _two_layer(d, n, width, **options):
    data = datasets.sphere(d, 1, n)
    return TwoLayerReLU(data.X, data.Y, width, **options)


def _deep(d, n, *widths):
    data = datasets.sphere(d, 1, n)
    return DeepReLU(d**0.5 * data.X, data.Y, widths)


def _deep_of(X, Y):
    return DeepReLU(X, Y, [5, 6])


def _linear(d, n, k, width, depth, **options):
    data = datasets.gaussian(d, k, n)
    return DeepLinear(data.X, data.Y, width, depth, **options)


def _resnet(d, n, k, width, depth, scale):
    # Maps of five replicas, and hidden weights that are not zero.
    data = datasets.gaussian(d, k, n)
    maps = LinearResNet.gaussian(data.X, data.Y, width, depth, range(5))
    return LinearResNet(data.X, data.Y, maps.A, maps.B, depth, hidden_scale=scale)


def _one_pair_of_maps():
    data = datasets.gaussian(4, 2, 9)
    return LinearResNet.modified_identity(data.X, data.Y, 7, 3)


def _drawn(d, n, k):
    sets = [datasets.gaussian(d, k, n, seed=seed) for seed in range(5)]
    return sets, torch.stack([each.Y for each in sets])


def _own_data(shared):
    sets, labels = _drawn(5, 11, 3)
    inputs = sets[0].X if shared else torch.stack([each.X for each in sets])
    return OwnLabels(inputs, labels, 9, 3)


def _stacked():
    sets, _ = _drawn(5, 11, 3)
    each = [LinearResNet.gaussian(one.X, one.Y, 9, 4, [seed]) for seed, one in enumerate(sets)]
    return Stacked.of(each)


MODELS = {
    "two-layer, one of each": _two_layer(1, 1, 1),
    "two-layer, one sample": _two_layer(3, 1, 5),
    "two-layer, one neuron": _two_layer(5, 7, 1),
    "two-layer, eights": _two_layer(8, 8, 16),
    "two-layer, odd": _two_layer(11, 13, 37),
    "two-layer, antisymmetric": _two_layer(4, 9, 18, initialisation="antisymmetric"),
    "two-layer, biases, any a": _two_layer(
        4, 9, 21, initialisation="bu2021", scaling="mean-field", bias=True
    ),
    "deep ReLU, one of each": _deep(1, 1, 1, 1),
    "deep ReLU, one sample": _deep(3, 1, 5, 9),
    "deep ReLU, one neuron": _deep(5, 7, 9, 1),
    "deep ReLU, odd": _deep(11, 13, 9, 37),
    "deep linear, one of each": _linear(1, 1, 1, 1, 2),
    "deep linear, one layer": _linear(5, 9, 3, 7, 1),
    "deep linear, odd": _linear(5, 13, 3, 11, 4),
    "deep linear, many outputs": _linear(9, 11, 10, 13, 3, initialisation="orthogonal"),
    "deep linear, scale of another width": _linear(3, 9, 2, 5, 3, scale_width=20.0),
    "deep linear, labels of each": _own_data(shared=True),
    "deep linear, data of each": _own_data(shared=False),
    "linear ResNet, one of each": _resnet(1, 1, 1, 1, 1, 0.5),
    "linear ResNet, one layer": _resnet(5, 9, 3, 8, 1, 0.0),
    "linear ResNet, odd": _resnet(5, 13, 3, 11, 4, 0.3),
    "linear ResNet, many outputs": _resnet(3, 11, 10, 13, 3, 0.3),
    "linear ResNet, one pair of maps": _one_pair_of_maps(),
    "linear ResNet, data of each": _stacked(),
}


def _methods(model, weights):
    # Every kind of numbers, each replica its own; the last one diverges.
    eta = 0.5 / float(torch.linalg.eigvalsh(model.tangent_kernel(weights)).max())
    return [
        gradient_descent(eta),
        heavy_ball(eta, 0.7),
        nesterov(eta),
        Method(eta / 2, 0.8, 0.3),
        gradient_descent(1e9 * eta),
    ]


@pytest.mark.parametrize("name", MODELS)
def test_engines_agree_to_rounding(name):
    model, steps = MODELS[name], 2000 if name.endswith("odd") else 400
    weights = model.initialise(range(5))
    methods = _methods(model, weights)
    options = {"tolerance": 1e-7, "keep_residuals": True}
    ours, theirs = (
        train(model, methods, weights, steps, engine=engine, **options)
        for engine in ("compiled", "torch")
    )
    assert ours.status == theirs.status
    assert torch.equal(ours.stopped_at, theirs.stopped_at)
    first = theirs.residual_norms[:, 0]
    for field, power in (("residuals", 1), ("residual_norms", 1), ("lag1", 2), ("lag2", 2)):
        found, expected = (getattr(run, field)[:4].flatten(1) for run in (ours, theirs))
        assert torch.equal(found.isnan(), expected.isnan())
        gap = (found - expected).abs().nan_to_num().amax(1)
        assert (gap < ROUNDING * first[:4] ** power).all()
    for one, two in zip(ours.weights, theirs.weights, strict=True):
        torch.testing.assert_close(one[:4], two[:4], rtol=1e-11, atol=1e-12)


def test_some_of_these_runs_converge_diverge_and_stand_still():
    seen = set()
    for name in ("two-layer, one of each", "two-layer, odd", "deep linear, odd"):
        model = MODELS[name]
        weights = model.initialise(range(5))
        methods = _methods(model, weights)
        seen |= set(train(model, methods, weights, 300, tolerance=1e-2, engine="compiled").status)
    assert seen >= {Status.CONVERGED, Status.DIVERGED, Status.STATIONARY}


@pytest.mark.parametrize(
    "name",
    [
        "two-layer, odd",
        "deep ReLU, odd",
        "deep linear, odd",
        "deep linear, data of each",
        "linear ResNet, data of each",
    ],
)
@pytest.mark.parametrize(("chunk", "threads"), [(1, 1), (2, 1), (5, 2), (5, 4)])
def test_neither_stacking_nor_threads_change_a_bit(name, chunk, threads, monkeypatch):
    model = MODELS[name]
    weights = model.initialise(range(5))
    methods = _methods(model, weights)
    options = {"steps": 150, "engine": "compiled", "keep_residuals": True, "tolerance": 0.3}
    plain = train(model, methods, weights, **options)
    monkeypatch.setenv("ROOTKAPPA_THREADS", str(threads))
    other = train(model, methods, weights, **options, chunk=chunk)
    torch.testing.assert_close(other.residuals, plain.residuals, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(other.lag2, plain.lag2, rtol=0, atol=0, equal_nan=True)
    assert other.status == plain.status
    for one, two in zip(other.weights, plain.weights, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", ["deep linear, data of each", "linear ResNet, data of each"])
def test_observers_see_the_networks_that_are_left(name):
    model = MODELS[name]
    weights = model.initialise(range(5))
    methods = _methods(model, weights)
    options = {"observers": {"drift": Snapshot.kernel_drift}, "observe_at": range(0, 400, 20)}
    ours, theirs = (
        train(model, methods, weights, 400, tolerance=0.03, engine=engine, **options)
        for engine in ("compiled", "torch")
    )
    assert len(set(ours.stopped_at.tolist())) > 1
    drifts = (run.observed["drift"][:4] for run in (ours, theirs))
    torch.testing.assert_close(*drifts, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_observers_see_the_same_at_any_step_and_change_nothing():
    model = MODELS["two-layer, odd"]
    weights = model.initialise(range(3))
    looks = {"moved": Snapshot.displacement, "flipped": Snapshot.flipped_share}
    options = {"observers": looks, "observe_at": [0, 1, 2, 63, 64, 65, 100, 150]}
    runs = [
        train(model, nesterov(0.3, 0.8), weights, 150, engine=engine, **options)
        for engine in ("compiled", "torch")
    ]
    for name in looks:
        torch.testing.assert_close(*(run.observed[name] for run in runs), rtol=1e-9, atol=1e-12)
    blind = train(model, nesterov(0.3, 0.8), weights, 150, engine="compiled")
    assert torch.equal(blind.residual_norms, runs[0].residual_norms)


def test_weights_of_another_kind_and_data_with_gradients_are_taken():
    data = datasets.sphere(3, 1, 4)
    model = TwoLayerReLU(data.X.clone().requires_grad_(), data.Y, 5)
    start = [layer.float().requires_grad_() for layer in model.initialise([0])]
    run = train(model, gradient_descent(0.1), start, 3, engine="compiled")
    reference = train(model, gradient_descent(0.1), start, 3, engine="torch")
    torch.testing.assert_close(run.residual_norms, reference.residual_norms, rtol=1e-12, atol=0)


@pytest.mark.parametrize("architecture", [lambda X, Y: TwoLayerReLU(X, Y, 6), _deep_of])
def test_weights_that_overflow_in_one_step_are_no_dead_network(architecture):
    # From a finite residual to weights of inf and -inf, whose sums are NaN and not negative.
    data = datasets.sphere(3, 1, 4)
    model = architecture(1e3 * data.X, data.Y)
    run = train(model, gradient_descent(1.7e308), model.initialise([0]), 9, engine="compiled")
    assert run.status == (Status.DIVERGED,)
