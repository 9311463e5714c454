"""Reduced linear residual networks against wide ones, and what breaks the reduction."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    Batches,
    LinearResNet,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.reductions import reduce, sample_linear_resnet

DATA = datasets.gaussian()
METHODS = [gradient_descent(1.0), heavy_ball(1.0, 0.8), nesterov(0.5, 0.8)]


def _tuned(model, scale=1.0):
    # 1/lambda_max of the kernel at zero hidden weights.
    norm = torch.linalg.matrix_norm
    top = norm(model.A @ model.X, 2)[0] ** 2 * norm(model.B, 2)[0] ** 2 * model.depth
    return [type(m)(scale * m.step_size / float(top), m.momentum, m.extrapolation) for m in METHODS]


def _gap(model, reduction, methods, steps, batches=None):
    """The largest difference of the outputs along both runs, and of the weights at the end."""
    rows = len(methods)
    wide, narrow = (
        train(
            network,
            methods,
            [layer.expand(rows, -1, -1) for layer in weights],
            steps,
            batches=batches,
            keep_residuals=True,
        )
        for network, weights in (
            (model, model.initialise([0])),
            (reduction.model, reduction.weights),
        )
    )
    outputs = (wide.residuals - narrow.residuals).norm(dim=2).amax(1) / wide.residual_norms[:, 0]
    lifted = reduction.lift(narrow.weights)
    shifts = [float((a - b).norm() / a.norm()) for a, b in zip(wide.weights, lifted, strict=True)]
    return float(outputs.max()), max(shifts)


@pytest.mark.parametrize(
    ("depth", "width"), [(1, 13), (1, 400), (2, 20), (2, 400), (8, 13), (8, 100), (16, 20)]
)
def test_a_linear_resnet_of_any_width_is_a_narrow_one(depth, width):
    model = LinearResNet.gaussian(DATA.X, DATA.Y, width, depth, [width], 2.0, 2.0)
    reduction = reduce(model, model.initialise([0]), METHODS[0])
    assert reduction.model.width == 13
    steps = 40
    outputs, weights = _gap(model, reduction, _tuned(model), steps)
    assert outputs < 1e-12
    assert weights < 1e-11
    methods = _tuned(model, scale=0.1)
    for sampling in ("replacement", "subset", "epoch") if width < 100 else ("replacement",):
        batches = Batches(10, range(3), sampling)
        assert _gap(model, reduction, methods, steps // 2, batches)[0] < 1e-12


def test_directions_without_samples_do_not_count():
    thin = datasets.gaussian(n=50).X[:, :4]
    model = LinearResNet.gaussian(thin, DATA.Y[:, :4], 60, 3, [0, 1])
    reduction = reduce(model, model.initialise([0, 1]))
    assert reduction.model.width == 4 + 3
    one = model.select([1])
    assert _gap(one, reduce(one, one.initialise([0])), _tuned(one), 60)[0] < 1e-12
    identity = LinearResNet.identity(DATA.X, DATA.Y, 40, 3)
    assert reduce(identity, identity.initialise([0])).model.width == 10


def test_kernels_and_lifted_weights_are_those_of_the_wide_network():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 30, 3, [0])
    reduction = reduce(model, model.initialise([0]))
    run = train(reduction.model, nesterov(0.02, 0.8), reduction.weights, 30)
    wide = reduction.lift(run.weights)
    torch.testing.assert_close(
        model.tangent_kernel(wide), reduction.model.tangent_kernel(run.weights)
    )
    # A run that is under way reduces too: its weights are zero outside the span.
    again = reduce(model, wide)
    torch.testing.assert_close(again.model.predict(again.weights), model.predict(wide))


def test_sampled_networks_have_the_law_of_wide_ones():
    seeds = range(600)
    wide = LinearResNet.gaussian(DATA.X, DATA.Y, 24, 3, seeds, 2.0, 0.5)
    drawn = sample_linear_resnet(DATA.X, DATA.Y, 24, 3, seeds, 2.0, 0.5)
    assert (drawn.model.width, drawn.lift, drawn.exact_steps) == (13, None, None)
    runs = [
        train(model, nesterov(0.05, 0.7), weights, 12)
        for model, weights in ((wide, wide.initialise(seeds)), (drawn.model, drawn.weights))
    ]
    for power in (1, 2):
        ours, theirs = (run.losses**power for run in runs)
        error = ((ours.var(0) + theirs.var(0)) / len(seeds)).sqrt()
        assert bool(((ours.mean(0) - theirs.mean(0)).abs() <= 4 * error + 1e-12).all())


def test_the_infinite_width_limit_is_the_modified_identity():
    drawn = sample_linear_resnet(DATA.X, DATA.Y, 10**12, 4, [0], 2.0, 3.0)
    limit = LinearResNet.modified_identity(DATA.X, DATA.Y, 13, 4, 2.0, 3.0)
    methods = _tuned(limit)[2]
    starts = ((drawn.model, drawn.weights), (limit, limit.initialise([0])))
    runs = [train(model, methods, weights, 60) for model, weights in starts]
    gap = (runs[0].residual_norms - runs[1].residual_norms).abs().max()
    assert float(gap / runs[1].residual_norms.max()) < 1e-5


def test_what_does_not_reduce_is_refused_with_the_reason():
    drawn = LinearResNet.gaussian(DATA.X, DATA.Y, 40, 3, [0])
    moved = LinearResNet(DATA.X, DATA.Y, drawn.A, drawn.B, 3, hidden_scale=0.1)
    with pytest.raises(
        ValueError, match=r"layer 1 starts outside the span .* share 0\.\d+ .* zero"
    ):
        reduce(moved, moved.initialise([0]))
    for optimizer in (torch.optim.Adam, torch.optim.RMSprop([torch.zeros(1)])):
        with pytest.raises(ValueError, match=r"is not known to stay in the span .* SGD"):
            reduce(drawn, drawn.initialise([0]), optimizer)
        with pytest.raises(ValueError, match=r"is not known to stay in the span .* SGD"):
            sample_linear_resnet(DATA.X, DATA.Y, 30, 3, [0], optimizer=optimizer)
    with pytest.raises(ValueError, match="width must be at least 13, got 12"):
        sample_linear_resnet(DATA.X, DATA.Y, 12, 3, [0])


@pytest.mark.parametrize("options", [{"weight_decay": 0.1}, {"dampening": 0.3, "momentum": 0.8}])
def test_weight_decay_and_dampening_stay_in_the_span(options):
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 40, 3, [0])
    reduction = reduce(model, model.initialise([0]))
    ends = []
    for network, start in ((model, model.initialise([0])), (reduction.model, reduction.weights)):
        layers = [layer.clone().requires_grad_() for layer in start]
        optimizer = torch.optim.SGD(layers, lr=0.05, **options)
        reduce(model, model.initialise([0]), optimizer)
        for _ in range(50):
            optimizer.zero_grad()
            (network.residual(layers).square().sum() / 2).backward()
            optimizer.step()
        ends.append([layer.detach() for layer in layers])
    for wide, lifted in zip(ends[0], reduction.lift(ends[1]), strict=True):
        assert float((wide - lifted).norm() / wide.norm()) < 1e-12


def test_one_replica_outside_the_span_is_found_beside_large_ones():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 40, 2, [0, 1])
    reduction = reduce(model, model.initialise([0, 1]))
    inside = reduction.lift([torch.ones_like(layer) for layer in reduction.weights])
    moved = [torch.stack([1e9 * layer[0], layer[1]]) for layer in inside]
    reduce(model, moved)
    moved[1][1] += 1e-6 * torch.eye(40)
    with pytest.raises(ValueError, match="layer 2 starts outside the span"):
        reduce(model, moved)


def test_adam_and_random_hidden_weights_leave_the_span():
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 40, 3, [0])
    reduction = reduce(model, model.initialise([0]))
    outputs = []
    for network, start in ((model, model.initialise([0])), (reduction.model, reduction.weights)):
        layers = [layer.clone().requires_grad_() for layer in start]
        adam = torch.optim.Adam(layers, lr=1e-3)
        for _ in range(60):
            adam.zero_grad()
            (network.residual(layers).square().sum() / 2).backward()
            adam.step()
        outputs.append(network.predict(layers).detach())
    assert float((outputs[0] - outputs[1]).norm() / outputs[0].norm()) > 0.1
