"""Reduced runs against the direct loop, over data, starts, methods and widths; refusals."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    Status,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    HigherMomentum,
    Method,
    NesterovSchedule,
    SpeedRestart,
)
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live import forecast
from rootkappa.training import Snapshot, train_wide, wide
from rootkappa.training.engines import ENGINE_VARIABLE

SPHERE = datasets.sphere(d=6, n=15, seed=1)
COLOURS = datasets.sphere(d=5, n=8, k=3, seed=2)
DIGITS = datasets.load("digits", 20)
# Six pairs at an angle of 0.1: the least eigenvalue is small, and nearly all pairs are warm.
_half = datasets.sphere(d=4, n=6, seed=3)
NEAR = torch.cat([_half.X, torch.nn.functional.normalize(_half.X + 0.1, dim=0)], dim=1)

NETWORKS = {
    "sphere": lambda m: TwoLayerReLU(SPHERE.X, SPHERE.Y, m),
    "quiet twins": lambda m: TwoLayerReLU(SPHERE.X, 0.1 * SPHERE.Y, m, "antisymmetric"),
    "three outputs, biases": lambda m: TwoLayerReLU(COLOURS.X, COLOURS.Y, m, bias=True),
    "uniform": lambda m: TwoLayerReLU(SPHERE.X, SPHERE.Y, m, "bu2021", "lazy"),
    "mean field": lambda m: TwoLayerReLU(SPHERE.X, SPHERE.Y, m, scaling="mean-field"),
    "digits": lambda m: TwoLayerReLU(DIGITS.X, DIGITS.Y, m),
    "near pairs": lambda m: TwoLayerReLU(NEAR, torch.cat([_half.Y, -_half.Y], 1), m),
    "leaky": lambda m: TwoLayerReLU(SPHERE.X, SPHERE.Y, m, leak=0.2),
    "slightly leaky": lambda m: TwoLayerReLU(DIGITS.X, DIGITS.Y, m, "bu2021", "lazy", leak=0.01),
    "leaky, three outputs, twins, biases": lambda m: TwoLayerReLU(
        COLOURS.X, COLOURS.Y, m, "antisymmetric", bias=True, leak=0.5
    ),
}
METHODS = {
    "descent": lambda eta: gradient_descent(eta),
    "heavy ball": lambda eta: heavy_ball(eta, 0.9),
    "Nesterov": lambda eta: nesterov(eta, 0.8),
    "schedule": lambda eta: nesterov(eta),
    "three numbers": lambda eta: Method(0.3 * eta, 0.8, 1.1),
    "ball with a schedule": lambda eta: heavy_ball(0.3 * eta, NesterovSchedule(4)),
    "gradient rule": lambda eta: nesterov(eta, 0.95).with_restart(GradientRestart()),
    "function rule": lambda eta: heavy_ball(eta, 0.95).with_restart(FunctionRestart()),
    "speed rule": lambda eta: nesterov(eta).with_restart(SpeedRestart()),
}
# Every network, method and width; of their 270 combinations every ninth.
CASES = [
    (network, method, width)
    for i, network in enumerate(NETWORKS)
    for j, method in enumerate(METHODS)
    for place, width in enumerate((16, 128, 1000))
    if (i + j + 3 * place) % 9 == 0
]
SEEN = {
    name: getattr(Snapshot, name)
    for name in ("displacement", "largest_displacement", "flipped_share", "kernel_drift")
} | {"kernel_extremes": Snapshot.kernel_extremes, "W": lambda now: now.weights[0][:, :2].clone()}
FIELDS = ("residual_norms", "lag1", "lag2", "residuals")


def _same(ours, theirs, accuracy=1e-12):
    size = float(theirs.residual_norms[0, 0])
    for name in FIELDS:
        found, wanted = getattr(ours, name), getattr(theirs, name)
        worst = float((found - wanted).nan_to_num().abs().max())
        assert worst <= accuracy * size ** (1 + name.startswith("lag")), name
        assert torch.equal(found.isnan(), wanted.isnan())
    assert ours.status == theirs.status
    assert torch.equal(ours.stopped_at, theirs.stopped_at)


@pytest.mark.parametrize(("network", "method", "width"), CASES)
def test_a_reduced_run_is_the_direct_one(network, method, width):
    model = NETWORKS[network](width)
    weights = model.initialise([5])
    chosen = METHODS[method](1 / model.spectra(weights)[0].lambda_max)
    run = train(model, chosen, weights, 40, keep_residuals=True)
    ours = train_wide(model, chosen, weights, 40, keep_residuals=True, hand_over=False)
    _same(ours, run)
    torch.testing.assert_close(ours.weights, run.weights, rtol=1e-9, atol=1e-10)
    assert ours.work[0].reduced
    assert "leaky" not in network or len(ours.runs[0].weights.state.flips) > 5


@pytest.mark.parametrize("network", ["sphere", "leaky"])
def test_observers_statuses_and_batches_are_those_of_the_loop(network):
    model = NETWORKS[network](300)
    weights = model.initialise([0, 1])
    each = [nesterov(0.1, 0.9), gradient_descent(0.4)]
    options = {
        "tolerance": 1e-2,
        "observers": SEEN,
        "observe_at": [0, 7, 64],
        "keep_residuals": True,
    }
    for batches in (None, Batches(5, [3, 4], "epoch")):
        run = train(model, each, weights, 200, batches=batches, **options)
        ours = train_wide(model, each, weights, 200, batches=batches, hand_over=False, **options)
        _same(ours, run)
        for name, seen in run.observed.items():
            torch.testing.assert_close(
                ours.observed[name], seen, rtol=1e-9, atol=1e-11, equal_nan=True
            )
        torch.testing.assert_close(ours.weights, run.weights, rtol=1e-9, atol=1e-10)
        assert all(map(torch.equal, ours.start, weights))
        assert ours.model is model
        assert ours.snapshot().flipped_share().shape == (2,)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("labels", "method", "status"),
    [
        (0.0, heavy_ball(0.1, 0.5), Status.CONVERGED),
        (1.0, heavy_ball(1e4, 0.9), Status.DIVERGED),
        (1.0, gradient_descent(1e-3), Status.RUNNING),
    ],
)
def test_runs_end_as_those_of_the_loop(labels, method, status):
    model = TwoLayerReLU(SPHERE.X, labels * SPHERE.Y, 64, "antisymmetric")
    for hand_over in (False, True):
        run = train_wide(model, method, CountedNeurons([0]), 130, hand_over=hand_over)
        assert run.status == (status,)


def test_counted_neurons_are_those_that_are_drawn():
    model = TwoLayerReLU(SPHERE.X, SPHERE.Y, 5000)
    counted, method = CountedNeurons([3, 3]), heavy_ball(0.5, 0.5)
    run = train(model, method, counted.draw(model), 60, keep_residuals=True)
    for hand_over in (False, True):
        ours = train_wide(model, method, counted, 60, keep_residuals=True, hand_over=hand_over)
        _same(ours, run)
        torch.testing.assert_close(ours.weights, run.weights, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("engine", wide.PAYS)
def test_it_is_handed_over_where_the_engine_of_the_direct_loop_is_faster(engine, monkeypatch):
    monkeypatch.setenv(ENGINE_VARIABLE, engine)
    method, seen = gradient_descent(0.5), []
    for labels in (0.1, 0.4, 20.0):
        model = TwoLayerReLU(SPHERE.X, labels * SPHERE.Y, 6000, "antisymmetric")
        (work,) = train_wide(model, method, CountedNeurons([0]), 20).work
        assert work.reduced == (work.forecast.warm_share <= wide.PAYS[engine])
        assert (work.counts is None) != work.reduced
        seen.append(work.forecast.warm_share)
    assert seen[0] < wide.PAYS["compiled"] < seen[1] < wide.PAYS["torch"] < seen[2]
    expected = train_wide(
        TwoLayerReLU(SPHERE.X, SPHERE.Y, 30_000), method, CountedNeurons([0]), 20, hand_over=False
    ).work[0]
    assert expected.counts.warm == pytest.approx(expected.forecast.pairs, rel=0.1)
    assert expected.counts.passes == 2


def test_where_the_kernel_that_is_asked_for_is_not_there_the_reduction_goes_on(monkeypatch):
    monkeypatch.setenv(ENGINE_VARIABLE, "compiled")
    model = TwoLayerReLU(SPHERE.X, 0.4 * SPHERE.Y, 6000, "antisymmetric", leak=0.1)
    (work,) = train_wide(model, gradient_descent(0.5), CountedNeurons([0]), 20).work
    assert wide.PAYS["compiled"] < work.forecast.warm_share < wide.PAYS["torch"]
    assert work.reduced


def test_memory_that_is_not_there_stops_a_run_before_it_begins(monkeypatch):
    monkeypatch.setattr(forecast, "available_bytes", lambda: 1 << 18)
    model = TwoLayerReLU(SPHERE.X, SPHERE.Y, 50_000)
    for hand_over, labels, what in ((True, 1.0, "lists of an expected"), (True, 50.0, "direct")):
        model = TwoLayerReLU(SPHERE.X, labels * SPHERE.Y, 50_000)
        with pytest.raises(MemoryError, match=rf"{what}.* would take 0.0\d+ GiB, and 0.000244 GiB"):
            train_wide(model, gradient_descent(0.5), CountedNeurons([0]), 20, hand_over=hand_over)


MODEL = NETWORKS["sphere"](8)
COUNTED, DESCENT = CountedNeurons([0]), gradient_descent(0.1)
ADAM = torch.optim.Adam([torch.zeros(1, requires_grad=True)])
REFUSED = {
    "another model": (
        lambda: train_wide(DeepLinear(SPHERE.X, SPHERE.Y, 8, 2), DESCENT, COUNTED, 9),
        TypeError,
        "must be a TwoLayerReLU, got a DeepLinear: .* use rootkappa.train",
    ),
    "trained outer weights": (
        lambda: train_wide(
            TwoLayerReLU(SPHERE.X, SPHERE.Y, 8, train_output=True), DESCENT, COUNTED, 9
        ),
        ValueError,
        "trains its outer weights, so that .* no reduction is exact: use rootkappa.train",
    ),
    "float32": (
        lambda: train_wide(
            TwoLayerReLU(SPHERE.X.float(), SPHERE.Y.float(), 8), DESCENT, COUNTED, 9
        ),
        ValueError,
        "in torch.float32 on cpu, and certificates need float64",
    ),
    "Adam": (
        lambda: train_wide(MODEL, ADAM, COUNTED, 9),
        ValueError,
        "Adam is not known to stay in the span of its gradients .* no reduction is exact",
    ),
    "SGD": (
        lambda: train_wide(MODEL, torch.optim.SGD, COUNTED, 9),
        TypeError,
        "methods must be of the family of three numbers, got SGD",
    ),
    "two velocities": (
        lambda: train_wide(MODEL, [HigherMomentum(0.1, 0.2)], COUNTED, 9),
        TypeError,
        "methods must be of the family of three numbers, got HigherMomentum",
    ),
    "weights that do not fit": (
        lambda: train_wide(MODEL, DESCENT, [torch.zeros(1, 3, 3)], 9),
        ValueError,
        r"weights have shapes .* use model.initialise\(seeds\)",
    ),
    "a width of 0": (
        lambda: train_wide(NETWORKS["sphere"](0), DESCENT, COUNTED, 9),
        ValueError,
        "width must be at least 1, got 0: raise it",
    ),
    "a width beyond int64": (
        lambda: train_wide(NETWORKS["sphere"](2**60), DESCENT, COUNTED, 9),
        ValueError,
        r"width must be at most 2\^53",
    ),
    "more pairs than int64 counts": (
        lambda: train_wide(
            TwoLayerReLU(SPHERE.X.repeat(1, 100), SPHERE.Y.repeat(1, 100), 2**53),
            DESCENT,
            COUNTED,
            9,
        ),
        ValueError,
        r"n = 1500 samples has more pairs than int64 indexes, 2\^63 - 1: lower the width to 61489",
    ),
    "no flag": (
        lambda: train_wide(MODEL, DESCENT, COUNTED, 9, hand_over="no"),
        TypeError,
        "hand_over must be True or False, got 'no'",
    ),
    "no steps": (
        lambda: train_wide(MODEL, DESCENT, COUNTED, 0),
        ValueError,
        "steps must be at least 1, got 0",
    ),
}


@pytest.mark.parametrize(("run", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_reduced_is_refused_in_one_sentence(run, error, message):
    with pytest.raises(error, match=message):
        run()


def test_a_start_that_is_the_optimum_is_left_alone():
    model = TwoLayerReLU(SPHERE.X, 0 * SPHERE.Y, 3000, "antisymmetric")
    run = train_wide(model, DESCENT, COUNTED, 9)
    assert float(run.residual_norms[0, 0]) == 0
    assert math.isnan(float(run.residual_norms[0, 1]))
