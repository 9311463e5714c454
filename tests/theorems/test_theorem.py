"""One battery for all theorems with a linear rate, and the reading of runs worked out by hand."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import (
    AdditiveModel,
    DeepLinear,
    LinearResNet,
    TwoLayerReLU,
    datasets,
    theorems,
    train,
)
from rootkappa.draws import generator, haar
from rootkappa.problems import PartitionConstants, Spectrum
from rootkappa.theorems.theorem import Quantity, Theorem, moments

DATA = datasets.gaussian(d=5, k=3, n=20, kappa=9.0).reduced()
SPHERE = datasets.sphere(d=8, n=10)


def _linear(initialisation):
    return DeepLinear(DATA.X, DATA.Y, 64, 3, initialisation)


def _relu():
    return TwoLayerReLU(SPHERE.X, SPHERE.Y, 512)


def _resnet():
    return LinearResNet.modified_identity(DATA.X, DATA.Y, 8, 4, 3.0, 3.0)


def _gaussian_maps():
    return LinearResNet.gaussian(DATA.X, DATA.Y, 40, 4, range(3), 3.0, 3.0)


def _additive():
    return AdditiveModel.drawn(torch.logspace(0.5, 0, 8, dtype=torch.float64), 0.01)


# theorem: the network on which its bound must hold, and must not for a step too large.
RUNS = {
    theorems.GaussianGradientDescent(): lambda: _linear("gaussian"),
    theorems.OrthogonalGradientDescent(): lambda: _linear("orthogonal"),
    theorems.OrthogonalHeavyBall(): lambda: _linear("orthogonal"),
    theorems.GaussianNesterov(): lambda: _linear("gaussian"),
    theorems.ReluGradientDescent(): _relu,
    theorems.ReluHeavyBall(): _relu,
    theorems.ReluNesterov(): _relu,
    theorems.ResNetGradientDescent(): _resnet,
    theorems.ResNetStochasticGradientDescent(batch_size=3): _resnet,
    theorems.ResNetNesterov(): _gaussian_maps,
    theorems.PartitionGradientDescent(): _additive,
    theorems.PartitionNesterov(): _additive,
}


@pytest.fixture(params=RUNS, ids=lambda theorem: type(theorem).__name__)
def theorem(request):
    return request.param


def _problem(theorem, model):
    return model.constants if theorem.kind is PartitionConstants else model


def _top(theorem, problem):
    return (
        problem.L1 if theorem.kind is PartitionConstants else theorem.spectrum(problem).lambda_max
    )


def test_the_bound_holds_on_a_network_and_fails_for_a_step_too_large(theorem):
    model = RUNS[theorem]()
    problem, weights = _problem(theorem, model), model.initialise(range(3))
    method = theorem.tuning(problem)
    assert float(theorem.worst_ratio(problem, train(model, method, weights, 200)).max()) <= 1
    large = 12 / _top(theorem, problem)
    broken = type(method)(large, method.momentum, method.extrapolation)
    assert float(theorem.worst_ratio(problem, train(model, broken, weights, 200)).min()) > 1


def test_the_bound_is_the_prefactor_times_powers_of_the_rate(theorem):
    problem = _problem(theorem, RUNS[theorem]())
    prefactor, factor = theorem.rate(problem)
    assert 0 < factor < 1 <= prefactor
    bound = theorem.bound(problem, 7)
    assert bound.dtype == torch.float64
    assert bound.tolist() == pytest.approx([prefactor * factor**t for t in range(8)], rel=1e-12)
    chosen = theorem.bound(problem, [7.0, 2.0])
    assert chosen.tolist() == pytest.approx(bound[[7, 2]].tolist(), rel=1e-12)


def _turned(model, X=None, Y=None):
    """The same network on other data."""
    turned = copy.copy(model)
    turned.X = model.X if X is None else X
    turned.Y = model.Y if Y is None else Y
    return turned


LINEAR_KINDS = (
    theorems.GaussianGradientDescent(),
    theorems.OrthogonalGradientDescent(),
    theorems.OrthogonalHeavyBall(),
    theorems.GaussianNesterov(),
    theorems.ResNetGradientDescent(),
    theorems.ResNetNesterov(),
)
ON_NETWORKS = [theorem for theorem in RUNS if theorem.kind is not PartitionConstants]


def _numbers(theorem, model):
    spectrum = theorem.spectrum(model)
    return torch.tensor(
        [
            spectrum.lambda_min,
            spectrum.lambda_max,
            *theorem.tuning(model).coefficients(0),
            *theorem.rate(model),
            *(float(item.needed) for item in theorem.check(model).hypotheses),
            *(float(item.measured) for item in theorem.check(model).hypotheses),
        ],
        dtype=torch.float64,
    )


@pytest.mark.parametrize("theorem", ON_NETWORKS, ids=lambda theorem: type(theorem).__name__)
def test_the_order_of_the_samples_changes_no_number(theorem):
    model = RUNS[theorem]()
    order = torch.randperm(model.X.shape[1], generator=torch.Generator().manual_seed(1))
    turned = _turned(model, model.X[:, order], model.Y[:, order])
    torch.testing.assert_close(
        _numbers(theorem, turned), _numbers(theorem, model), rtol=1e-8, atol=0
    )


@pytest.mark.parametrize("theorem", ON_NETWORKS, ids=lambda theorem: type(theorem).__name__)
def test_rotated_data_change_no_number(theorem):
    # Labels turn for linear networks; inputs where no map of the network is fixed.
    model = RUNS[theorem]()
    d, k = len(model.X), len(model.Y)
    fixed = isinstance(model, LinearResNet)
    Q, P = haar(d, d, generator(1)), haar(k, k, generator(2))
    turned = _turned(model, None if fixed else Q @ model.X, None if fixed else P @ model.Y)
    torch.testing.assert_close(
        _numbers(theorem, turned), _numbers(theorem, model), rtol=1e-8, atol=0
    )


@pytest.mark.parametrize("theorem", LINEAR_KINDS, ids=lambda theorem: type(theorem).__name__)
@pytest.mark.parametrize("scale", [1e-3, 10.0])
def test_larger_data_want_a_smaller_step_and_decay_at_the_same_rate(theorem, scale):
    model = RUNS[theorem]()
    larger = _turned(model, scale * model.X, scale * model.Y)
    eta, *momenta = theorem.tuning(larger).coefficients(0)
    expected, *others = theorem.tuning(model).coefficients(0)
    assert eta == pytest.approx(expected / scale**2, rel=1e-9)
    assert momenta == pytest.approx(others, rel=1e-9)
    assert theorem.rate(larger) == pytest.approx(theorem.rate(model), rel=1e-9)
    ours, theirs = theorem.spectrum(larger), theorem.spectrum(model)
    assert ours.lambda_min == pytest.approx(scale**2 * theirs.lambda_min, rel=1e-9)
    assert ours.kappa == pytest.approx(theirs.kappa, rel=1e-9)


@pytest.mark.parametrize("theorem", LINEAR_KINDS, ids=lambda theorem: type(theorem).__name__)
def test_a_smaller_chance_of_failure_needs_no_narrower_network(theorem):
    if not hasattr(theorem, "delta"):
        return
    model = RUNS[theorem]()
    widths = [replace(theorem, delta=delta).required_width(model) for delta in (0.5, 1e-3, 1e-30)]
    assert widths == sorted(widths)


def test_a_report_names_the_theorem(theorem):
    report = theorem.check(_problem(theorem, RUNS[theorem]()))
    assert report.theorem == theorem.name == f"{theorem.paper}, {theorem.number}"
    assert report.hypotheses == theorem.hypotheses(_problem(theorem, RUNS[theorem]()))


@pytest.mark.parametrize("wrong", [None, "model", 3.0, torch.eye(2)])
def test_another_problem_is_refused_in_a_sentence(theorem, wrong):
    sentence = rf"{theorem.number} takes a \w+ here, got {type(wrong).__name__}: give one"
    for call in (theorem.tuning, theorem.rate, theorem.check, lambda p: theorem.bound(p, 3)):
        with pytest.raises(TypeError, match=sentence):
            call(wrong)


@dataclass(frozen=True)
class _Half(Theorem[float]):
    """A theorem whose quantity halves."""

    quantity: Quantity = Quantity.LOSS
    paper = "A paper"
    number = "Theorem 1"

    def hypotheses(self, problem):
        return ()

    def rate(self, problem):
        return problem, 0.5


def _run(shares, stopped_at):
    """A run whose loss is the given share of its bound at each step, with the start 4."""
    steps = torch.arange(len(shares[0]), dtype=torch.float64)
    squares = torch.tensor(shares, dtype=torch.float64) * 0.5**steps * 16
    return SimpleNamespace(residual_norms=squares.sqrt(), stopped_at=torch.tensor(stopped_at))


def test_the_worst_ratio_is_read_from_the_first_step_to_the_last_that_was_run():
    shares = [[1, 0.7, 0.2, 0.1], [1, 0.2, 0.3, 0.8], [1, 0.1, 0.2, 9.0]]
    found = _Half().worst_ratio(1.0, _run(shares, [3, 3, 2]))
    assert found.tolist() == pytest.approx([0.7, 0.8, 0.2], rel=1e-12)
    assert _Half().worst_ratio(2.0, _run(shares, [3, 3, 2])).tolist() == (found / 2).tolist()


def test_what_a_divergence_leaves_is_infinite_and_what_rounding_leaves_is_not_read():
    shares = [[1, 0.5, math.nan, 0.5], [1, 0.5, math.inf, math.nan]]
    assert _Half().worst_ratio(1.0, _run(shares, [3, 2])).tolist() == [math.inf] * 2
    # Half of 2^-80 lies below 1e-24, half of 2^-79 above it.
    noise = [[1.0] + [0.5] * 78 + [3.0] + [9.0] * 10]
    assert _Half().worst_ratio(1.0, _run(noise, [89])).tolist() == pytest.approx([3.0])
    late = [[1.0] + [0.5] * 79 + [9.0] * 10]
    assert _Half().worst_ratio(1.0, _run(late, [89])).tolist() == pytest.approx([0.5])


def test_the_pair_of_residuals_is_read_with_the_start_doubled():
    norms = torch.tensor([[2.0, 1.0, 0.5]], dtype=torch.float64)
    run = SimpleNamespace(residual_norms=norms, stopped_at=torch.tensor([2]))
    pairs = _Half(Quantity.RESIDUALS)
    expected = [1, math.sqrt(5 / 8), math.sqrt(1.25 / 8)]
    assert pairs.measured(run)[0].tolist() == pytest.approx(expected)
    # Residuals are read down to 1e-12, losses to its square.
    assert pairs.worst_ratio(1.0, run).tolist() == pytest.approx([2 * expected[1]])
    assert _Half().measured(run)[0].tolist() == pytest.approx([1, 1 / 4, 1 / 16])


def test_a_run_at_the_optimum_meets_every_bound():
    still = SimpleNamespace(residual_norms=torch.zeros(1, 3), stopped_at=torch.tensor([2]))
    for quantity in (Quantity.LOSS, Quantity.RESIDUALS):
        assert _Half(quantity).worst_ratio(1.0, still).tolist() == [0.0]
    short = SimpleNamespace(residual_norms=torch.ones(1, 1), stopped_at=torch.tensor([0]))
    with pytest.raises(ValueError, match="the run has 0 steps"):
        _Half().worst_ratio(1.0, short)


@pytest.mark.parametrize("steps", [3, 3.0, np.int64(3), torch.tensor(3), [0, 1, 2, 3.0]])
def test_steps_and_times_are_read_as_numbers(steps):
    assert moments(steps).tolist() == [0, 1, 2, 3]


BAD = [
    (lambda: moments(-1), ValueError, r"steps must be at least 0, got -1"),
    (lambda: moments(1.5), TypeError, r"steps must be a whole number, got 1.5"),
    (lambda: moments("many"), TypeError, r"steps must be a whole number, got 'many'"),
    (lambda: moments(None), TypeError, r"steps must be a whole number, got None"),
    (lambda: moments([1.0, -2.0]), ValueError, r"times must be at least 0, got -2"),
    (lambda: moments([]), ValueError, r"times must be a vector with at least one entry"),
    (lambda: _Half().worst_ratio(1.0, None), TypeError, r"got NoneType as a run: give a Traj"),
    (lambda: _Half().tuning(1.0), TypeError, r"Theorem 1 tunes no method: choose one"),
    (lambda: theorems.NesterovFlowBound().rate(Spectrum(1, 2)), TypeError, r"no linear rate"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("quantity", [Quantity.LOSS, Quantity.RESIDUALS])
def test_a_run_in_other_units_has_the_same_ratios(quantity):
    norms = torch.tensor([[2.0, 1.5, 0.5], [1.0, 3.0, 0.1]], dtype=torch.float64)
    runs = [
        SimpleNamespace(residual_norms=scale * norms, stopped_at=torch.tensor([2, 2]))
        for scale in (1.0, 1e-9, 1e9)
    ]
    theorem = _Half(quantity)
    for run in runs[1:]:
        torch.testing.assert_close(theorem.measured(run), theorem.measured(runs[0]))
        torch.testing.assert_close(theorem.worst_ratio(1.0, run), theorem.worst_ratio(1.0, runs[0]))


def test_a_pair_of_residuals_remembers_the_step_before():
    # ||(xi_t, xi_{t-1})|| over sqrt(2) ||xi_0||, replica by replica.
    norms = torch.tensor([[2.0, 1.0, 0.0], [1.0, 2.0, 2.0]], dtype=torch.float64)
    run = SimpleNamespace(residual_norms=norms, stopped_at=torch.tensor([2, 2]))
    expected = [[1, math.sqrt(5 / 8), math.sqrt(1 / 8)], [1, math.sqrt(5 / 2), 2]]
    found = _Half(Quantity.RESIDUALS).measured(run)
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


def test_a_run_that_leaves_the_optimum_has_an_infinite_ratio():
    norms = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    run = SimpleNamespace(residual_norms=norms, stopped_at=torch.tensor([2]))
    assert _Half().worst_ratio(1.0, run).tolist() == [math.inf]
    # Stopped before it left, it met the bound.
    run.stopped_at = torch.tensor([1])
    assert _Half().worst_ratio(1.0, run).tolist() == [0.0]


@pytest.mark.parametrize("times", [[0.5, 0.0, 2.5], (0.5, 0.0, 2.5), np.float32([0.5, 0, 2.5])])
def test_times_between_steps_are_bounded_too(times):
    found = _Half().bound(3.0, times)
    assert found.dtype == torch.float64
    assert found.tolist() == pytest.approx([3 * 0.5**0.5, 3, 3 * 0.5**2.5])
    assert moments(torch.tensor([1.0], dtype=torch.float32)).dtype == torch.float64


def test_what_a_theorem_says_of_itself():
    theorem = _Half()
    assert theorem.name == "A paper, Theorem 1"
    assert theorem.check(1.0).theorem == theorem.name
    assert theorem.check(1.0).holds
    assert (theorem.kind, theorem.parts) == (object, ())
