"""What the chapter on linear residual networks measures, against plain loops and exact moments."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import LinearResNet, dynamics, ledger, reductions
from rootkappa.evidence import linear_resnet, measure
from rootkappa.evidence.linear_resnet import experiment, guarantees, limit, speed, stacked
from rootkappa.evidence.linear_resnet import reduction as narrowing

SEEDS = range(3, 5)


def _outputs(A, B, X, layers):
    for W in layers:
        A = A + W @ A
    return B @ A @ X


def _loop(model, eta, steps, beta=0.0, gamma=0.0):
    """Residuals and layers of a run from zero weights, each gradient by its own two products."""
    A, B, X, Y = (np.asarray(array) for array in (model.A[0], model.B[0], model.X, model.Y))
    eye = np.eye(model.width)
    now = before = [np.zeros_like(eye) for _ in range(model.depth)]
    found = []
    for _ in range(steps + 1):
        at = [w + gamma * (w - old) for w, old in zip(now, before, strict=True)]
        xi = _outputs(A, B, X, at) - Y
        found.append((xi, at))
        slopes = []
        for index in range(model.depth):
            above, below = B, A @ X
            for W in at[:index]:
                below = (eye + W) @ below
            for W in reversed(at[index + 1 :]):
                above = above @ (eye + W)
            slopes.append(above.T @ xi @ below.T)
        moved = [
            w + beta * (w - old) - eta * slope
            for w, old, slope in zip(now, before, slopes, strict=True)
        ]
        now, before = moved, now
    return found


def _norms(run):
    return np.array([np.linalg.norm(xi) for xi, _ in run])


def test_a_stack_trains_each_network_as_alone():
    models = [stacked.modified(stacked.data(seed), 3, 1.5) for seed in SEEDS]
    stack = stacked.Stacked.of(models)
    run = stacked.trained(stack, stacked.tuned(stack), 20, keep_residuals=True)
    found = stacked.residuals(run, 3)
    for row, model in enumerate(models):
        for index, method in enumerate(stacked.tuned(stack)):
            own = method[row]
            alone = _loop(model, own.step_size, 20, own.momentum, own.extrapolation)
            for t, (xi, _) in enumerate(alone):
                assert np.allclose(found[index, row, t], xi.T.flatten(), rtol=0, atol=1e-12)


def test_a_stack_of_some_rows_has_their_labels():
    models = [stacked.modified(stacked.data(seed), 2, 1.0) for seed in range(3)]
    chosen = stacked.Stacked.of(models).select([2, 0, 2])
    residual = chosen.residual(chosen.initialise([0, 0, 0]))
    for row, model in zip(residual, [models[2], models[0], models[2]], strict=True):
        assert torch.equal(row, -model.Y)


def test_the_kernel_is_that_of_finite_differences():
    model = LinearResNet.gaussian(*_small(), 7, 3, [1], 2.0, 2.0)
    A, B, X = (np.asarray(array) for array in (model.A[0], model.B[0], model.X))
    columns = []
    for layer in range(3):
        for row in range(7):
            for column in range(7):
                ends = []
                for step in (1e-4, -1e-4):
                    layers = np.zeros((3, 7, 7))
                    layers[layer, row, column] = step
                    ends.append(_outputs(A, B, X, layers).T.flatten())
                columns.append((ends[0] - ends[1]) / 2e-4)
    J = np.array(columns).T
    closed = 3 * np.kron((A @ X).T @ (A @ X), B @ B.T)
    assert np.allclose(J @ J.T, closed, rtol=0, atol=1e-8 * np.abs(closed).max())
    evidence = measure("linear-resnet/kernel", draws=2, first=3)
    assert (
        max(evidence.measured["gaussian"])
        < 1e-14
        < 0.01
        < min(evidence.control.measured["gaussian"])
    )


def _small():
    problem = stacked.data(3)
    return problem.X[:4, :4].contiguous(), problem.Y[:2, :4].contiguous()


def test_the_narrow_networks_are_those_of_the_library():
    both = narrowing.pair([3], width=40)
    problem = stacked.data(3)
    wide = LinearResNet.gaussian(problem.X, problem.Y, 40, 4, [stacked.maps_seed(3)], 2.0, 2.0)
    reduced = reductions.reduce(wide, wide.initialise([0])).model
    kernels = [
        network.tangent_kernel(network.initialise([0])) for network in (both.narrow, reduced)
    ]
    # The stack has the columns of A X for inputs.
    assert torch.allclose(*kernels, rtol=0, atol=1e-12 * float(kernels[1].max()))
    assert both.narrow.width == reduced.width == 13


def test_what_starts_outside_the_span_is_seen():
    evidence = measure("linear-resnet/subspace-reduction", draws=2, first=3)
    assert max(evidence.measured["outputs"]) < 1e-13
    assert min(evidence.control.measured["outputs"]) > 1e-3
    assert min(evidence.shown["adam"]) > 1e-2


def test_wide_gaussian_maps_tend_to_the_modified_identity():
    # Truly wide maps, not sampled ones: the distance at the start is ||B A X|| / ||Y||.
    problem = stacked.data(3)
    widths, means = (100, 400, 1600), []
    for width in widths:
        drawn = LinearResNet.gaussian(problem.X, problem.Y, width, 4, range(20), 2.0, 2.0)
        start = (drawn.B @ drawn.A @ problem.X).norm(dim=(1, 2)) / problem.Y.norm()
        means.append(float(start.log().mean()))
    slope = np.polyfit(np.log(widths), means, 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)
    evidence = linear_resnet.infinite_width(SEEDS)
    extrapolated = means[-1] - 0.5 * math.log(1e3 / widths[-1])
    assert float(evidence.shown["all"]["Nesterov"][:, 2].log().mean()) == pytest.approx(
        extrapolated, abs=0.3
    )
    assert all(value > -0.3 for value in evidence.control.measured["nesterov"])


def test_a_mistaken_scale_of_the_sampled_maps_is_seen(monkeypatch):
    right = stacked.sampled
    monkeypatch.setattr(
        limit, "sampled", lambda p, m, L, seed, scale: right(p, m, L, seed, 1.01 * scale)
    )
    found = linear_resnet.infinite_width([3]).measured
    assert not -0.55 <= found["gradient_descent"][0] <= -0.45


def test_the_bound_and_the_layers_by_a_plain_loop():
    problem = stacked.data(3, 9.0)
    model = guarantees._at(problem, 5, 1.0)
    s, X, Y = float(model.A.max()), problem.X.numpy(), problem.Y.numpy()
    values = np.linalg.svd(X, compute_uv=False)
    start = np.sqrt((Y**2).sum() / 2)
    assert s**2 * values[-1] ** 2 / (values[0] * start) == pytest.approx(1, rel=1e-9)
    top = s**2 * values[0]
    eta = 0.1 / (5 * top * (start + top))
    run = _loop(model, eta, 300)
    excess = _norms(run) ** 2 / _norms(run)[0] ** 2
    bound = (1 - eta * 5 * s**4 * values[-1] ** 2 / math.e) ** np.arange(301)
    assert (excess <= bound).all()
    ratio = (np.log(bound[1:]) / np.log(excess[1:])).max()
    largest = 5 * max(np.linalg.norm(W, 2) for _, at in run for W in at)
    found, layers = guarantees._followed([model], 300)
    assert float(found) == pytest.approx(ratio, rel=1e-9)
    assert float(layers) == pytest.approx(largest, rel=1e-9)
    solution = np.linalg.norm(Y @ np.linalg.inv(X), 2)
    assert 0.5 * solution / s**2 < largest <= solution / s**2


def test_z_at_the_crossing_of_a_power_law():
    law = 0.2 / torch.tensor(guarantees.MARGINS)
    assert float(guarantees._crossing(law[:, None].double())) == pytest.approx(0.4, rel=1e-5)


def test_sgd_contracts_as_its_second_moment_does():
    # The map of E[e^T e] under a step of a frozen network, e the error of the end-to-end map.
    (seed,), plan = [3], guarantees.Plan(5, 0.2, 120, 60)
    problem = guarantees._samples(seed, 0.0)
    X, (d, n) = problem.X.numpy(), problem.X.shape
    rate = plan.share / np.linalg.eigvalsh(X @ X.T)[-1]
    S, eye, b = X @ X.T, np.eye(d), plan.batch
    squares = np.stack([np.outer(x, x).flatten() for x in X.T])
    step = np.kron(eye, eye) - rate * (np.kron(S, eye) + np.kron(eye, S))
    plain = np.linalg.matrix_power(eye - rate * S, 60)
    step += rate**2 * (n / b * squares.T @ squares + (1 - 1 / b) * np.kron(S, S))
    solution = problem.Y.numpy() @ np.linalg.pinv(X)
    sizes = []
    for t in (60, 120):
        moment = np.linalg.matrix_power(step, t) @ (solution.T @ solution).flatten()
        sizes.append(np.trace(moment.reshape(d, d) @ S))
    found = guarantees._descent([problem], [seed], plan)
    measured = 60 * found.rates[0] * math.log(found.factors[0])
    assert measured == pytest.approx(math.log(sizes[1] / sizes[0]) / 2, rel=0.08)
    full = [np.linalg.norm(solution @ power @ X) for power in (plain, plain @ plain)]
    assert found.factors[0] == pytest.approx((full[1] / full[0]) ** (1 / 60), rel=1e-9)


def test_noise_leaves_sgd_a_floor_and_breaks_one_hypothesis():
    plan = guarantees.Plan(1, 0.05, 600, 2)
    found = guarantees._descent([guarantees._samples(3, 0.1)], [3], plan)
    assert found.rates[0] < 0.5
    assert found.reports[0].unmet == ("a linear map fits all labels (no noise)",)


def test_the_plateau_by_a_plain_loop():
    problem = experiment.mirrored(3, 0.0)
    model = experiment.network("identity", problem, 3)
    losses = _norms(_loop(model, 1e-4, 60)) ** 2 / float(problem.Y.norm()) ** 2
    found = experiment.paths([model], 60)[0].numpy()
    assert found == pytest.approx(losses, rel=1e-9)
    # One number a direction: the product of the layers is a polynomial in X X^T.
    values = np.linalg.eigvalsh((problem.X @ problem.X.T).numpy())
    mu = np.ones(10)
    for _ in range(60):
        mu = mu - 1e-4 * values * (mu**10 + 1) * mu**9
    assert losses[-1] == pytest.approx((values * (mu**10 + 1) ** 2).sum() / values.sum(), rel=1e-9)
    easy = experiment.paths(
        [experiment.network("identity", experiment.mirrored(3, 0.1, 1.0), 3)], 200
    )
    assert float(easy[0, -1]) < 1e-20


def test_the_steps_at_two_depths_by_a_plain_loop():
    for depth in (2, 5):
        problem = experiment.mirrored(3)
        model = stacked.sampled(problem, 40, depth, 3)
        features = (model.A[0] @ problem.X).numpy()
        top = depth * np.linalg.norm(features, 2) ** 2 * np.linalg.norm(model.B[0].numpy(), 2) ** 2
        norms = _norms(_loop(model, 1 / (3 * top), 200))
        steps = int((norms < math.sqrt(1e-3) * norms[0]).argmax())
        assert steps > 0
        assert experiment._resnet([3], depth).tolist() == [steps]


def test_random_hidden_weights_need_a_width_that_grows_with_depth():
    depths, seeds = (2, 4, 8), range(4)
    started = experiment._exponent(depths, experiment._started_kernels, seeds)
    zero = experiment._exponent((2, 8, 32), experiment._sampled_kernels, seeds)
    assert started[0] > 0.5 > 0.3 > abs(zero[0])


def test_the_step_counts_are_those_of_the_frozen_kernel():
    problem = stacked.data(3, 16.0)
    model, report = speed._wide(problem, 3)
    assert report.holds
    kernel = model.tangent_kernel(model.initialise([0]))[0]
    values, vectors = torch.linalg.eigh(kernel)
    start = vectors.T @ -problem.Y.T.flatten()
    counts = speed._counts(stacked.Stacked.of([model]), 16)
    (methods,) = zip(*stacked.tuned(stacked.Stacked.of([model])), strict=True)
    for method, steps in zip(methods, counts[:, 0].tolist(), strict=True):
        frozen = dynamics.steps_to(method, values, start, 1e-6)
        assert steps == pytest.approx(frozen, rel=0.02)


def test_the_gap_to_the_frozen_kernel_by_a_plain_loop():
    problem = stacked.data(3)
    model = stacked.modified(problem, 3, 8.0)
    kernel = 3 * 8.0**4 * np.kron((problem.X.T @ problem.X).numpy(), np.eye(3))
    values = np.linalg.svd(problem.X.numpy(), compute_uv=False)
    eta = 1 / (3 * 8.0**4 * values[0] ** 2)
    xi = -problem.Y.numpy().T.flatten()
    first, gap = np.linalg.norm(xi), 0.0
    for residual, _ in _loop(model, eta, 120):
        gap = max(gap, np.linalg.norm(residual.T.flatten() - xi) / first)
        xi = xi - eta * kernel @ xi
    found = speed._gaps([problem], 3, stacked.modified)
    assert float(found[0, 0, 0]) == pytest.approx(gap, rel=1e-6)
    assert speed.PRODUCTS[0] == 64


def test_overlapping_maps_are_a_power_farther_from_their_kernel():
    problem = stacked.data(3)
    falls = [
        float((gaps[-1] / gaps[0])[2, 0].log()) / math.log(16)
        for gaps in (
            speed._gaps([problem], 3, network) for network in (stacked.modified, speed._overlapping)
        )
    ]
    assert falls == pytest.approx([-2, -1], abs=0.02)


def test_another_shift_is_another_draw(monkeypatch):
    before = stacked.data(0).Y
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert not torch.equal(stacked.data(0).Y, before)


@pytest.mark.parametrize("claim", ledger.open_chapter("linear-resnet").claims)
def test_every_claim_is_measured_here(claim):
    name = claim.partition("/")[2].replace("-", "_")
    assert callable(getattr(linear_resnet, name))
