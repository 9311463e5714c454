"""The loop: stacking, chunks, stopping, statuses, symmetries, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    Quadratic,
    Status,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.datasets import Dataset
from rootkappa.draws import generator, haar
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    HigherMomentum,
    Method,
    SpeedRestart,
)
from rootkappa.training import Snapshot, stack
from tests.conftest import relabel

DATA = datasets.gaussian(d=4, k=2, n=7, kappa=9)
MODEL = DeepLinear(DATA.X, DATA.Y, width=16, depth=3)
METHODS = [gradient_descent(0.3), heavy_ball(0.2, 0.7), nesterov(0.1, 0.7), heavy_ball(0.2, 0.5)]
FIELDS = ("residual_norms", "lag1", "lag2", "residuals")


def _one(weights, row):
    return [layer[row : row + 1] for layer in weights]


def _same(ours, theirs, row, place):
    """One replica of two trajectories, or a slice of them, in every recorded field."""
    start = theirs.residual_norms[place, 0]
    for field in FIELDS:
        found, expected = getattr(ours, field)[row], getattr(theirs, field)[place]
        size = start.reshape(start.shape + (1,) * (found.ndim - start.ndim))
        size = size ** (1 + field.startswith("lag"))
        torch.testing.assert_close(
            found / size, expected / size, rtol=1e-9, atol=1e-13, equal_nan=True
        )
    assert ours.status[row] == theirs.status[place]
    assert torch.equal(ours.stopped_at[row], theirs.stopped_at[place])
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        torch.testing.assert_close(a[row], b[place], rtol=1e-8, atol=1e-11, equal_nan=True)
    for name, seen in ours.observed.items():
        other = theirs.observed[name][place]
        torch.testing.assert_close(seen[row], other, rtol=1e-7, atol=1e-11, equal_nan=True)


# A stack in which those that end first stand first, with other norms, methods and clocks. Replicas
# are sorted by the text of their methods: the step of 100 diverges, the step of 2 converges.
MIXED = Quadratic(torch.diag(torch.linspace(0.05, 0.6, 5, dtype=torch.float64)))
MIXED_METHODS = [
    nesterov(3.0).with_restart(SpeedRestart()),
    gradient_descent(100.0),
    nesterov(3.0).with_restart(SpeedRestart()),
    heavy_ball(2.0, 0.5),
    nesterov(2.5),
    nesterov(3.0).with_restart(GradientRestart()),
    Method(3.0, 0.6, 0.2),
    nesterov(3.0).with_restart(FunctionRestart()),
]
MIXED_STARTS = [1.0, 1e-5, 1e3, 1.0, 1e-2, 1e5, 3.0, 10.0]


def _mixed(**options):
    draws = MIXED.initialise(range(8))[0]
    weights = [draws * torch.tensor(MIXED_STARTS, dtype=torch.float64)[:, None, None]]
    weights[0][3, :3] = 0.0  # without the slow modes
    looks = {"extremes": Snapshot.kernel_extremes, "moved": Snapshot.displacement}
    options = {"observers": looks, "observe_at": [0, 1, 64, 65, 150]} | options
    return weights, options | {"tolerance": 1e-6, "keep_residuals": True}


@pytest.fixture(scope="module")
def mixed():
    weights, options = _mixed()
    return train(MIXED, MIXED_METHODS, weights, 300, **options)


def test_the_mixed_stack_ends_in_the_wrong_order(mixed):
    names = [status.name for status in mixed.status]
    assert names[1] == "DIVERGED"
    assert names[3] == "CONVERGED"
    assert int(mixed.stopped_at[1]) == int(mixed.stopped_at[3]) == 63
    assert min(int(mixed.stopped_at[row]) for row in (0, 2, 4, 5, 6, 7)) > 63
    order = sorted(range(8), key=lambda row: repr(MIXED_METHODS[row]))
    assert {order[0], order[1], order[2]} >= {1, 3}


@pytest.mark.parametrize("row", range(8))
def test_a_replica_alone_is_the_same_as_in_a_stack(mixed, row):
    weights, options = _mixed()
    alone = train(MIXED, MIXED_METHODS[row], _one(weights, row), 300, **options)
    _same(alone, mixed, 0, row)


@pytest.mark.parametrize(
    ("chunk", "block"), [*((chunk, 1 << 21) for chunk in range(1, 9)), (2, 1), (3, 1 << 8)]
)
def test_nothing_depends_on_the_chunk(mixed, chunk, block, monkeypatch):
    monkeypatch.setattr(stack, "_BLOCK_BYTES", block)
    weights, options = _mixed()
    run = train(MIXED, MIXED_METHODS, weights, 300, chunk=chunk, **options)
    _same(run, mixed, slice(None), slice(None))


def test_each_replica_is_recorded_as_a_loop_over_its_residuals_says(mixed):
    for row, end in enumerate(mixed.stopped_at.tolist()):
        xi = mixed.residuals[row, : end + 1]
        torch.testing.assert_close(xi.norm(dim=1), mixed.residual_norms[row, : end + 1])
        for lag, found in ((1, mixed.lag1), (2, mixed.lag2)):
            torch.testing.assert_close((xi[lag:] * xi[:-lag]).sum(1), found[row, lag : end + 1])
        assert mixed.residual_norms[row, end + 1 :].isnan().all()
        assert mixed.residuals[row, end + 1 :].isnan().all()


def test_stacking_changes_nothing():
    weights = MODEL.initialise(range(4))
    together = train(MODEL, METHODS, weights, 150, keep_residuals=True)
    for row, method in enumerate(METHODS):
        alone = train(MODEL, method, _one(weights, row), 150, keep_residuals=True)
        _same(alone, together, 0, row)


def test_the_record_is_that_of_a_plain_loop(model, rounding):
    weights = model.initialise([0])
    points, residuals = [layer.clone() for layer in weights], []
    for _ in range(6):
        residuals.append(model.residual(points).flatten())
        points = [w - 0.05 * g for w, g in zip(points, model.gradient(points), strict=True)]
    run = train(model, gradient_descent(0.05), weights, 5)
    for t in range(2, 6):
        products = [residuals[t] @ residuals[t - lag] for lag in range(3)]
        assert float(run.losses[0, t]) == pytest.approx(float(products[0]) / 2, rel=10 * rounding)
        assert float(run.lag1[0, t]) == pytest.approx(float(products[1]), rel=10 * rounding)
        assert float(run.lag2[0, t]) == pytest.approx(float(products[2]), rel=10 * rounding)
    assert run.lag1[0, 0].isnan()
    assert run.lag2[0, :2].isnan().all()


SCALES = [1e-6, 1e6]
RULES = {
    "none": heavy_ball(1.5, 0.5),
    "diverging": gradient_descent(30.0),
    "growing 7e6-fold": gradient_descent(4.04),
    "growing 2e10-fold": gradient_descent(4.06),
    "gradient": nesterov(1.5).with_restart(GradientRestart()),
    "speed": nesterov(1.5).with_restart(SpeedRestart()),
    "function": nesterov(1.5).with_restart(FunctionRestart()),
}


@pytest.mark.parametrize("method", RULES.values(), ids=RULES)
def test_everything_is_relative_to_the_start(method):
    problem = Quadratic.with_spectrum(torch.tensor([0.01, 0.1, 0.5], dtype=torch.float64))
    weights = problem.initialise([0])
    options = {"steps": 800, "tolerance": 1e-13}
    ours = train(problem, method, weights, **options)
    for scale in SCALES:
        theirs = train(problem, method, [scale * layer for layer in weights], **options)
        assert ours.status == theirs.status
        assert ours.stopped_at == theirs.stopped_at
        relative = [run.residual_norms / run.residual_norms[:, :1] for run in (ours, theirs)]
        torch.testing.assert_close(*relative, rtol=1e-6, atol=1e-14, equal_nan=True)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_scaling_the_data_scales_the_step(method):
    weights = MODEL.initialise([0])
    ours = train(MODEL, method, weights, 300, tolerance=1e-9)
    for scale in SCALES:
        scaled = DeepLinear(scale * DATA.X, scale * DATA.Y, 16, 3)
        slower = type(method)(method.step_size / scale**2, method.momentum, method.extrapolation)
        theirs = train(scaled, slower, weights, 300, tolerance=1e-9)
        assert ours.status == theirs.status
        assert ours.stopped_at == theirs.stopped_at
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            assert float((a - b).norm() / a.norm()) < 1e-11


def test_divergence_is_a_status_and_does_not_spread():
    methods = [gradient_descent(0.3), gradient_descent(50.0), gradient_descent(0.3)]
    weights = [layer.expand(3, -1, -1) for layer in MODEL.initialise([0])]
    run = train(MODEL, methods, weights, 400, tolerance=1e-3)
    assert [status.name for status in run.status] == ["CONVERGED", "DIVERGED", "CONVERGED"]
    torch.testing.assert_close(run.losses[0], run.losses[2], equal_nan=True)
    assert run.stopped_at[1] < 400


def test_a_run_stops_soon_after_the_tolerance_and_says_when_it_got_there():
    run = train(MODEL, METHODS[:1], MODEL.initialise([0]), 4000, tolerance=1e-4)
    first, stopped = int(run.steps_to(1e-4)), int(run.stopped_at)
    assert run.status == (Status.CONVERGED,)
    assert first <= stopped < first + 64
    relative = run.residual_norms[0] / run.residual_norms[0, 0]
    assert relative[first] < 1e-4 <= relative[first - 1]
    assert relative[stopped + 1 :].isnan().all()
    left = MODEL.residual(run.weights).norm() / run.residual_norms[0, 0]
    assert float(left) == pytest.approx(float(relative[stopped]), rel=1e-9)
    short = train(MODEL, METHODS[:1], MODEL.initialise([0]), 10, tolerance=1e-4)
    assert short.status == (Status.RUNNING,)
    assert short.steps_to(1e-4).tolist() == [float("inf")]


def test_a_dip_below_the_tolerance_between_two_checks_counts():
    problem = Quadratic.with_spectrum(torch.tensor([1.0], dtype=torch.float64))
    weights = [torch.ones(1, 1, 1, dtype=torch.float64)]
    run = train(problem, heavy_ball(0.02, 0.999), weights, 200, tolerance=0.1)
    assert 1 < int(run.steps_to(0.1)) < 40
    assert float(run.residual_norms[0, 63]) > 0.5
    assert run.status == (Status.CONVERGED,)
    assert int(run.stopped_at) == 63


def test_a_start_at_the_optimum_has_converged():
    problem = Quadratic.with_spectrum(torch.tensor([0.1, 1.0], dtype=torch.float64))
    weights = [torch.tensor([[0.0, 0.0], [1.0, 1.0]], dtype=torch.float64)[..., None]]
    run = train(problem, nesterov(0.5, 0.5), weights, 70, tolerance=1e-3)
    assert run.status[0] == Status.CONVERGED
    assert run.stopped_at.tolist()[0] == 0
    assert run.steps_to(1e-3).tolist()[0] == 0
    assert run.residual_norms[0, 1:].isnan().all()
    assert int(run.stopped_at[1]) > 0
    assert float(run.weights[0][0].abs().max()) == 0


def test_a_residual_of_rounding_stays_so():
    weights = MODEL.initialise([0])
    solved = DeepLinear(DATA.X, MODEL.predict(weights)[0] * (1 + 1e-15), 16, 3)
    run = train(solved, nesterov(0.3, 0.9), weights, 20)
    assert run.status == (Status.FLOOR,)
    assert float(run.residual_norms.max()) < 1e-13


def test_observers_look_at_the_steps_asked_for():
    def squared(snapshot):
        return snapshot.model.residual(snapshot.weights).square().sum((1, 2)) / 2

    run = train(
        MODEL,
        METHODS,
        MODEL.initialise(range(4)),
        80,
        observers={"loss": squared},
        observe_at=np.array([70, 0, 3, 3]),
        chunk=2,
    )
    assert run.observed_at == (0, 3, 70)
    torch.testing.assert_close(run.observed["loss"], run.losses[:, [0, 3, 70]], rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", [torch.bool, torch.int64, torch.float32])
def test_what_an_ended_replica_did_not_see_is_nan(kind):
    seen = {"step": lambda now: torch.full((len(now.weights[0]),), now.step).to(kind)}
    methods, weights = [gradient_descent(80.0), METHODS[0]], MODEL.initialise([0, 1])
    run = train(MODEL, methods, weights, 150, observers=seen, observe_at=[1, 149])
    assert run.observed["step"].isnan().tolist() == [[False, True], [False, False]]


def test_residual_vectors_are_kept_on_demand():
    run = train(MODEL, METHODS, MODEL.initialise(range(4)), 80, keep_residuals=True, chunk=3)
    assert run.residuals.shape == (4, 81, 7 * 2)
    torch.testing.assert_close(run.residuals.norm(dim=2), run.residual_norms)
    last = MODEL.residual(run.weights).transpose(1, 2).flatten(1)
    torch.testing.assert_close(run.residuals[:, -1], last, rtol=1e-9, atol=1e-12)


def test_starting_weights_are_left_alone(model):
    weights = model.initialise([0])
    copies = [layer.clone() for layer in weights]
    run = train(model, heavy_ball(0.01, 0.5), weights, 5)
    assert all(torch.equal(a, b) for a, b in zip(weights, copies, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(weights, run.start, strict=True))


@pytest.mark.parametrize("method", [heavy_ball(1e-3, 0.0), nesterov(1e-3, 0.0), Method(1e-3)])
def test_without_momentum_every_method_is_gradient_descent_bit_for_bit(model, method):
    weights = model.initialise([0, 1])
    ours, theirs = (train(model, one, weights, 5) for one in (method, gradient_descent(1e-3)))
    assert torch.equal(ours.residual_norms, theirs.residual_norms)
    assert all(torch.equal(a, b) for a, b in zip(ours.weights, theirs.weights, strict=True))


def test_a_start_that_meets_its_labels_is_a_fixed_point(model, rounding):
    weights = model.initialise([4])
    relabel(model, model.predict(weights)[0])
    for method in (heavy_ball(0.1, 0.9), nesterov(0.1), Method(0.1, 0.5, 1.5)):
        run = train(model, method, weights, 5)
        # Outputs and residuals are computed in two ways, which may differ by rounding.
        assert float(run.residual_norms[0, 0]) <= rounding * (1 + float(model.Y.norm()))
        for now, then in zip(run.weights, weights, strict=True):
            torch.testing.assert_close(now, then, rtol=rounding, atol=rounding)


def test_replicas_in_another_order_give_the_same_runs():
    weights, order = MODEL.initialise(range(4)), [2, 0, 3, 1]
    run = train(MODEL, METHODS, weights, 60, keep_residuals=True)
    methods, start = [METHODS[i] for i in order], [w[order] for w in weights]
    turned = train(MODEL, methods, start, 60, keep_residuals=True)
    for row, place in enumerate(order):
        _same(turned, run, row, place)
        assert turned.methods[row] == run.methods[place]


def test_permuting_the_hidden_units_permutes_the_run():
    weights = MODEL.initialise([0, 1])
    order = torch.randperm(16, generator=generator(3))
    turned = [weights[0][:, order], weights[1][:, order][:, :, order], weights[2][:, :, order]]
    run, other = (train(MODEL, METHODS[1], start, 40) for start in (weights, turned))
    torch.testing.assert_close(other.residual_norms, run.residual_norms, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(other.weights[0], run.weights[0][:, order], rtol=1e-9, atol=1e-12)


def test_permuting_the_samples_permutes_the_residuals():
    order = [3, 0, 6, 1, 5, 2, 4]
    turned = DeepLinear(DATA.X[:, order], DATA.Y[:, order], width=16, depth=3)
    weights = MODEL.initialise([0, 1])
    run, other = (
        train(model, METHODS[2], weights, 30, keep_residuals=True) for model in (MODEL, turned)
    )
    torch.testing.assert_close(other.residual_norms, run.residual_norms, rtol=1e-10, atol=1e-13)
    columns = run.residuals.unflatten(-1, (7, 2))[..., order, :].flatten(-2)
    torch.testing.assert_close(other.residuals, columns, rtol=1e-9, atol=1e-12)


def test_rotating_samples_changes_no_weight():
    Q = haar(7, 7, generator(0))
    turned = Dataset(DATA.X @ Q, DATA.Y @ Q, "rotated")
    weights = MODEL.initialise([0])
    other = DeepLinear(turned.X, turned.Y, 16, 3)
    for a, b in zip(
        train(MODEL, METHODS[1], weights, 100).weights,
        train(other, METHODS[1], weights, 100).weights,
        strict=True,
    ):
        assert float((a - b).norm() / a.norm()) < 1e-11


def test_a_quadratic_decays_as_its_modes_do():
    spectrum = torch.tensor([0.1, 1.0], dtype=torch.float64)
    run = train(
        Quadratic.with_spectrum(spectrum),
        gradient_descent(1.0),
        [torch.ones(1, 2, 1, dtype=torch.float64)],
        50,
    )
    exact = 0.1**0.5 * 0.9 ** torch.arange(1, 51, dtype=torch.float64)
    torch.testing.assert_close(run.residual_norms[0, 1:], exact, rtol=1e-13, atol=0)


@pytest.mark.parametrize("convert", [np.asarray, torch.Tensor.tolist], ids=["numpy", "list"])
def test_weights_need_not_be_tensors(convert):
    weights = MODEL.initialise([0, 1])
    ours = train(MODEL, METHODS[0], [convert(layer) for layer in weights], 20)
    assert torch.equal(ours.residual_norms, train(MODEL, METHODS[0], weights, 20).residual_norms)


@pytest.mark.parametrize("steps", [1e3, np.int64(1000), torch.tensor(1000)])
def test_whole_numbers_of_any_kind_count_steps(steps):
    run = train(MODEL, METHODS[0], MODEL.initialise([0]), steps, tolerance=1e-3)
    assert run.residual_norms.shape == (1, 1001)


def test_the_bar_is_full_when_all_have_ended(monkeypatch):
    bars = []

    class Bar:
        def __init__(self, total, **_):
            self.total, self.done = total, 0
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def update(self, steps):
            self.done += steps

    monkeypatch.setattr("tqdm.tqdm", Bar)
    methods = [gradient_descent(50.0), METHODS[0], gradient_descent(1e-4)]
    train(MODEL, methods, MODEL.initialise(range(3)), 300, tolerance=1e-3, chunk=2)
    assert [(bar.done, bar.total) for bar in bars] == [(900, 900)]


def _train(model=MODEL, methods=METHODS[0], weights=None, steps=5, **options):
    return train(
        model, methods, MODEL.initialise([0]) if weights is None else weights, steps, **options
    )


def _look(observer):
    return _train(observers={"it": observer}, observe_at=[1])


BAD = [
    (lambda: _train(steps=1.5), TypeError, "steps must be a whole number, got 1.5: round it"),
    (lambda: _train(steps="9"), TypeError, "steps must be a whole number, got '9'"),
    (lambda: _train(steps=True), TypeError, "steps must be a whole number, got True"),
    (lambda: _train(steps=0), ValueError, "steps must be at least 1, got 0: raise it"),
    (lambda: _train(tolerance=math.nan), ValueError, r"tolerance must lie in \[0, 1\), got nan"),
    (lambda: _train(tolerance=-1), ValueError, r"tolerance must lie in \[0, 1\), got -1"),
    (lambda: _train(tolerance="small"), TypeError, "tolerance must be a number, got 'small'"),
    (lambda: _train(methods="gd"), TypeError, "family of three numbers, got 'gd': make one with"),
    (lambda: _train(methods=["gd"]), TypeError, "family of three numbers, got 'gd'"),
    (lambda: _train(methods=0.1), TypeError, "family of three numbers, got 0.1"),
    (
        lambda: _train(methods=torch.optim.SGD([torch.ones(1)], lr=0.1)),
        TypeError,
        "three numbers, got SGD",
    ),
    (lambda: _train(methods=torch.optim.SGD), TypeError, "family of three numbers, got SGD"),
    (lambda: _train(methods=HigherMomentum(0.1, 0.5)), TypeError, "numbers, got HigherMomentum"),
    (lambda: _train(methods=METHODS), ValueError, "got 4 methods for 1 replicas: give one method"),
    (lambda: _train(methods=[]), ValueError, "got 0 methods for 1 replicas"),
    (lambda: _train(model=torch.nn.Linear(1, 1)), TypeError, "model must be .* got a Linear: make"),
    (lambda: _train(weights=3), TypeError, "weights must be a sequence, got 3"),
    (lambda: _train(weights=[]), ValueError, r"weights have shapes \[\], the model wants"),
    (lambda: _train(weights=[None] * 3), TypeError, "layer 1 of weights must hold numbers, got No"),
    (lambda: _train(batches=5), TypeError, r"batches must be Batches\(size, seeds\), got 5"),
    (lambda: _train(batches=Batches(2, [0, 1])), ValueError, "2 batch seeds for 1 replicas"),
    (lambda: _train(chunk=0), ValueError, "chunk must be at least 1, got 0"),
    (lambda: _train(chunk=1.5), TypeError, "chunk must be a whole number, got 1.5"),
    (lambda: _train(observe_at=[1]), ValueError, "got observe_at without observers, so nothing"),
    (lambda: _train(observers={"a": len}), ValueError, "got observers without observe_at"),
    (
        lambda: _train(observers={"a": len}, observe_at=[1.5]),
        TypeError,
        "a step of observe_at must be a whole number, got 1.5",
    ),
    (
        lambda: _train(observers={"a": len}, observe_at=3),
        TypeError,
        "observe_at must be a sequence",
    ),
    (lambda: _train(observers={"a": len}, observe_at=[9]), ValueError, r"within 0..5, got \[9\]"),
    (lambda: _train(observers=[len], observe_at=[1]), TypeError, "observers must be a mapping"),
    (lambda: _train(observers={"a": 3}, observe_at=[1]), TypeError, "observers must be a mapping"),
    (lambda: _look(lambda now: 3.0), TypeError, "observer it returned a float for 1 replicas"),
    (
        lambda: _look(lambda now: torch.ones(2)),
        TypeError,
        r"returned a tensor of shape \(2,\) for 1",
    ),
    (lambda: _train(progress="no"), TypeError, "progress must be True or False, got 'no'"),
    (lambda: _train(keep_residuals=1), TypeError, "keep_residuals must be True or False, got 1"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_arguments_get_one_sentence(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_dead_units_and_saddles_are_seen():
    X = torch.ones(2, 3, dtype=torch.float64)
    relu = TwoLayerReLU(X, X[:1], 4)
    dead = [-torch.ones(1, 4, 2, dtype=torch.float64), torch.ones(1, 1, 4, dtype=torch.float64)]
    assert train(relu, nesterov(0.1, 0.5), dead, 70).status == (Status.STATIONARY,)
    saddle = [torch.zeros_like(layer) for layer in MODEL.initialise([0])]
    assert train(MODEL, METHODS[0], saddle, 70).status == (Status.STATIONARY,)


def test_a_batch_without_gradient_is_no_stationary_start():
    X = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    model = DeepLinear(X, torch.ones_like(X), 3, 2)
    firsts = [Batches(1, [seed]).shares(2, [0])(0)[0, 0] for seed in range(8)]
    seed = next(seed for seed, first in enumerate(firsts) if first > 0)
    run = train(model, gradient_descent(1e-3), model.initialise([0]), 1, batches=Batches(1, [seed]))
    assert run.status == (Status.RUNNING,)
