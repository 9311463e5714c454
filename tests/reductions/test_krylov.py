"""Krylov reductions: the exact steps, the number of blocks, and draws against wide networks."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, heavy_ball, nesterov, train
from rootkappa.optimizers import classical_nesterov, optimal_heavy_ball, walk
from rootkappa.problems import Spectrum
from rootkappa.reductions import reduce_krylov, sample_krylov
from rootkappa.reductions.krylov import _extend

DATA = datasets.gaussian(d=4, k=2, n=9, kappa=9).reduced()
METHODS = [gradient_descent(0.15), heavy_ball(0.15, 0.7), nesterov(0.1, 0.7)]


def _apart(one, other, method, steps):
    """The largest difference of outputs along a run, as a share of the residual at the start."""
    runs = [walk(method, some.model.gradient, some.weights, steps) for some in (one, other)]
    worst = 0.0
    for now, then in zip(*runs, strict=True):
        residual = one.model.residual(now.point)
        if now.t == 0:
            size = residual.flatten(1).norm(dim=1)
        gap = (residual - other.model.residual(then.point)).flatten(1).norm(dim=1)
        worst = max(worst, float((gap / size).max()))
    return worst


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_the_reduction_is_exact_for_the_steps_it_names(blocks):
    model = DeepLinear(DATA.X, DATA.Y, 60, 3)
    weights = model.initialise(range(3))
    reduction = reduce_krylov(model, weights, blocks)
    assert reduction.exact_steps == blocks + 1
    assert reduction.error is None
    wide, narrow = (
        train(network, METHODS, start, 30).residual_norms
        for network, start in ((model, weights), (reduction.model, reduction.weights))
    )
    gaps = (wide - narrow).abs() / wide.max()
    assert float(gaps[:, : blocks + 2].max()) < 1e-13
    assert float(gaps.max()) > 1e-5 if blocks == 0 else True
    assert float(gaps.max()) < 1e-9 if blocks == 3 else True
    lifted = reduction.lift(reduction.weights)
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(lifted, weights, strict=True))


@pytest.mark.parametrize(("depth", "blocks", "steps"), [(4, 1, 1), (4, 3, 2), (5, 4, 2), (6, 1, 0)])
def test_deeper_networks_are_exact_for_the_steps_they_name_and_no_more(depth, blocks, steps):
    small = datasets.gaussian(d=3, k=1, n=6, kappa=4).reduced()
    model = DeepLinear(small.X, small.Y, 80, depth)
    weights = model.initialise([0])
    reduction = reduce_krylov(model, weights, blocks)
    assert reduction.exact_steps == steps
    method = nesterov(0.15, 0.7)
    path = [now.point for now in walk(method, model.gradient, weights, steps + 1)]
    narrow = walk(method, reduction.model.gradient, reduction.weights, steps + 1)
    for t, (wide, now) in enumerate(zip(path, narrow, strict=True)):
        gap = float((model.residual(wide) - reduction.model.residual(now.point)).abs().max())
        assert (gap < 1e-13) == (t <= steps)
        if t <= steps - 1:
            for ours, theirs in zip(reduction.lift(now.point), wide, strict=True):
                torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("blocks", "known"), [(0, False), (2, False), (3, True)])
def test_an_error_is_known_once_every_middle_layer_has_its_letter(blocks, known):
    small = datasets.gaussian(d=3, k=1, n=6, kappa=4).reduced()
    run = {"methods": nesterov(0.15, 0.7), "steps": 5, "depth": 5}
    drawn = sample_krylov(small.X, small.Y, 80, [0], blocks, **run)
    # Depth 5 has three middle matrices.
    assert (drawn.error is not None) == known


def test_a_replica_that_exhausts_the_space_changes_no_other():
    # The second replica has rank 1, so that its process ends early.
    model = DeepLinear(DATA.X, DATA.Y, 30, 3)
    weights = model.initialise([0, 1])
    for layer in weights:
        layer[1] = layer[1, :, :1] @ layer[1, :1] / layer[1].norm()
    reduction = reduce_krylov(model, weights, 4)
    for run in (3, 40):
        wide = train(model, METHODS[2], weights, run)
        narrow = train(reduction.model, METHODS[2], reduction.weights, run)
        torch.testing.assert_close(wide.residual_norms, narrow.residual_norms)
    lifted = reduction.lift(narrow.weights)
    for ours, theirs in zip(lifted, wide.weights, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def test_new_directions_are_orthonormal_and_none_is_made_of_rounding():
    source = torch.Generator().manual_seed(0)
    Q = torch.linalg.qr(torch.randn(1, 12, 3, generator=source).double())[0]
    inside = Q @ torch.randn(1, 3, 2, generator=source).double()
    assert _extend(Q, inside).shape[2] == 3
    outside = inside + 1e-11 * torch.randn(1, 12, 2, generator=source).double()
    wider = _extend(Q, outside)
    torch.testing.assert_close(wider.mT @ wider, torch.eye(5).double()[None], rtol=0, atol=1e-12)


CASES = [
    (optimal_heavy_ball, 64, 512, 1e-12),
    (optimal_heavy_ball, 256, 10**5, 1e-9),
    (optimal_heavy_ball, 256, 4096, 1e-4),
    (classical_nesterov, 256, 512, 1e-12),
    (heavy_ball(0.1, 0.9), 16, 512, 1e-6),
]


@pytest.mark.parametrize(("method", "kappa", "width", "tolerance"), CASES)
def test_blocks_are_as_many_as_the_run_needs(method, kappa, width, tolerance):
    data = datasets.gaussian(kappa=kappa).reduced()
    run = {"methods": method, "steps": 200, "tolerance": tolerance}
    drawn = sample_krylov(data.X, data.Y, width, [0], **run)
    assert drawn.error <= tolerance
    blocks = drawn.exact_steps - 1
    reference = sample_krylov(data.X, data.Y, width, [0], blocks + 6)
    spectra = drawn.model.spectra(drawn.weights)
    widest = Spectrum(min(s.lambda_min for s in spectra), max(s.lambda_max for s in spectra))
    tuned = method if isinstance(method, type(METHODS[0])) else method(widest)
    apart = _apart(drawn, reference, tuned, 200)
    assert apart < max(drawn.error, 1e-13)
    # Two blocks fewer would not do.
    fewer = sample_krylov(data.X, data.Y, width, [0], blocks - 2)
    assert _apart(fewer, reference, tuned, 200) > apart


def test_heavy_ball_needs_more_blocks_than_nesterov_and_the_one_that_needs_most_decides():
    data = datasets.gaussian(kappa=400).reduced()
    counts = {}
    for name, methods in {
        "NAG": classical_nesterov,
        "HB": optimal_heavy_ball,
        "both": [classical_nesterov, optimal_heavy_ball],
    }.items():
        drawn = sample_krylov(data.X, data.Y, 2048, [0], methods=methods, steps=200)
        counts[name] = drawn.exact_steps
    assert counts["HB"] > counts["NAG"] + 1
    assert counts["both"] == counts["HB"]


def test_a_wide_network_reduces_to_the_blocks_of_its_run():
    model = DeepLinear(DATA.X, DATA.Y, 60, 3)
    weights = model.initialise(range(2))
    reduction = reduce_krylov(model, weights, methods=METHODS, steps=150)
    assert reduction.error < 1e-12
    assert reduction.model.width < 60
    wide, narrow = (
        train(network, METHODS[1], start, 150)
        for network, start in ((model, weights), (reduction.model, reduction.weights))
    )
    torch.testing.assert_close(wide.residual_norms, narrow.residual_norms, rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(reduction.lift(narrow.weights), wide.weights, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def _agree(ours, theirs):
    """Means within four standard errors."""
    error = (ours.var(0) / len(ours) + theirs.var(0) / len(theirs)).sqrt()
    assert bool(((ours.mean(0) - theirs.mean(0)).abs() <= 4 * error + 1e-12).all())


def test_sampled_gaussian_networks_train_like_wide_ones():
    wide = DeepLinear(DATA.X, DATA.Y, 48, 3)
    drawn = sample_krylov(DATA.X, DATA.Y, 48, range(300), 5)
    assert drawn.lift is None
    starts = ((wide, wide.initialise(range(300))), (drawn.model, drawn.weights))
    runs = [train(network, nesterov(0.3, 0.7), start, 12) for network, start in starts]
    _agree(*(run.losses for run in runs))
    _agree(*(run.losses.square() for run in runs))
    kernels = [
        network.tangent_kernel(run.weights).flatten(1)
        for network, run in zip((wide, drawn.model), runs, strict=True)
    ]
    _agree(*kernels)


def test_what_the_process_has_used_is_missing_from_the_later_blocks():
    # By hand: a block of q columns below u used units has E ||.||_F^2 = q (m - u), Gaussian
    # diagonal blocks one per entry; m = 18, d = 4, k = 2.
    W1, W2, W3 = sample_krylov(DATA.X, DATA.Y, 18, range(1500), 1).weights
    blocks = [
        (W1[:, :4], 4 * 18),
        (W3[:, :, :2], 2 * 18),
        (W2[:, :2, :4], 8),
        (W2[:, 2:6, :4], 4 * (18 - 2)),
        (W2[:, :2, 4:6], 2 * (18 - 4)),
        (W2[:, 6:8, 4:6], 2 * (18 - 6)),
        (W2[:, 2:6, 6:10], 4 * (18 - 6)),
    ]
    for block, size in blocks:
        squares = block.square().sum((1, 2))
        assert abs(float(squares.mean()) - size) < 4 * float(squares.std()) / 1500**0.5


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize(("d", "k", "depth"), [(4, 2, 3), (2, 4, 3), (1, 3, 5), (3, 1, 4)])
def test_drawn_layers_are_as_large_and_as_long_as_those_of_a_wide_network(d, k, depth, blocks):
    data = datasets.gaussian(d=d, k=k, n=9).reduced()
    model = DeepLinear(data.X, data.Y, 200, depth)
    wide = reduce_krylov(model, model.initialise([0]), blocks).weights
    drawn = sample_krylov(data.X, data.Y, 200, [0], blocks, depth=depth).weights
    assert [layer.shape for layer in drawn] == [layer.shape for layer in wide]
    for ours, theirs in zip(drawn, wide, strict=True):
        # Squares of entries of one law: sums of at least d or k times 200 of the first layers.
        assert float(ours.norm() / theirs.norm()) == pytest.approx(1, rel=0.2)


def test_fewer_blocks_are_the_beginning_of_more():
    small, large = (sample_krylov(DATA.X, DATA.Y, 10**4, [3], blocks) for blocks in (1, 4))
    below, above = 4 + 2 + 4, 2 + 4 + 2
    assert torch.equal(small.weights[0][:, :below], large.weights[0][:, :below])
    assert torch.equal(small.weights[1][:, :above, :below], large.weights[1][:, :above, :below])


def test_deep_networks_are_drawn_as_the_wide_ones_are():
    small = datasets.gaussian(d=2, k=1, n=4, kappa=4).reduced()
    wide = DeepLinear(small.X, small.Y, 32, 5)
    drawn = sample_krylov(small.X, small.Y, 32, range(400), 3, depth=5)
    starts = ((wide, wide.initialise(range(400))), (drawn.model, drawn.weights))
    runs = [train(network, nesterov(0.2, 0.6), start, 6) for network, start in starts]
    _agree(*(run.losses for run in runs))
    kernels = [
        network.tangent_kernel(run.weights).flatten(1)
        for network, run in zip((wide, drawn.model), runs, strict=True)
    ]
    _agree(*kernels)
    _agree(*(kernel.square() for kernel in kernels))


def _sampled(width=60, blocks=None, **options):
    return sample_krylov(DATA.X, DATA.Y, width, [0], blocks, **options)


DECAY = torch.optim.SGD([torch.zeros(1)], lr=1, weight_decay=0.1)
REDUCIBLE = DeepLinear(DATA.X, DATA.Y, 12, 3)
BAD = [
    (lambda: _sampled(), ValueError, "got neither blocks nor a run: give blocks, or methods and"),
    (lambda: _sampled(methods=METHODS[0]), ValueError, "steps = None: a run needs both"),
    (lambda: _sampled(40, 5), ValueError, "width must be at least 42, got 40"),
    (lambda: _sampled(17, methods=METHODS, steps=9), ValueError, "width must be at least 18"),
    (
        lambda: _sampled(methods=METHODS, steps=9, tolerance=1.0),
        ValueError,
        "tolerance must lie strictly between 0 and 1, got 1",
    ),
    (lambda: _sampled(23, 2, depth=4), ValueError, "width must be at least 32, got 23"),
    (lambda: _sampled(blocks=1, depth=2), ValueError, "depth must be at least 3, got 2"),
    (lambda: _sampled(blocks=-1), ValueError, "blocks must be at least 0, got -1"),
    (lambda: _sampled(blocks=1.5), TypeError, "blocks must be a whole number"),
    (
        lambda: _sampled(methods=heavy_ball(50.0, 0.9), steps=400),
        ValueError,
        "the run diverges, .* lower the step size of heavy ball",
    ),
    (
        lambda: _sampled(18, methods=METHODS[1], steps=90),
        ValueError,
        r"a share \d.* flows through the last of 1 blocks, more than the tolerance 1.0e-12",
    ),
    (
        lambda: reduce_krylov(DeepLinear(DATA.X, DATA.Y, 12, 2), [], 1),
        ValueError,
        "a network of depth 2 has no middle layer, .* use the network itself",
    ),
    (
        lambda: reduce_krylov(REDUCIBLE, REDUCIBLE.initialise([0]), 1, optimizer=DECAY),
        ValueError,
        "weight_decay = 0.1, which shrinks the start of the middle layer outside the blocks",
    ),
    (lambda: _sampled(blocks=1, optimizer=torch.optim.Adam), ValueError, "Adam is not known"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_what_cannot_be_reduced_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
