"""What a grid calls, how often and with what, and what it hands on to the loop."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    Method,
    Quadratic,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    optimizers,
)
from rootkappa.training import Snapshot, grid

F64 = torch.float64
DATA = datasets.gaussian(d=3, k=2, n=5)
MODEL = DeepLinear(DATA.X, DATA.Y, 6, 2)
GD = gradient_descent(0.1)
RESERVED = [
    *("seeds", "replica", "step", "look", "status", "stopped_at", "residual_norm"),
    *("lag1", "lag2", "spectrum", "model", "problem", "weights"),
]


def _square(*eigenvalues):
    return Quadratic.with_spectrum(torch.tensor(eigenvalues, dtype=F64))


@pytest.mark.parametrize("name", RESERVED)
def test_no_axis_has_the_name_of_a_column_or_of_what_functions_get(name):
    message = f"an axis cannot be called '{name}', which has a meaning: rename it."
    with pytest.raises(ValueError, match=message):
        grid(MODEL, method=GD, **{name: [1]})


def test_a_problem_is_made_once_for_each_combination_of_what_it_reads():
    made = []

    def problem(width, depth=2):
        made.append((width, depth))
        return DeepLinear(DATA.X, DATA.Y, width, depth)

    methods = {"slow": lambda beta: heavy_ball(0.01, beta), "fast": GD}
    runs = grid(problem, method=methods, beta=[0.1, 0.2], width=[4, 5], seed=range(3))
    assert made == []
    found = runs.train(1)
    assert made == [(4, 2), (5, 2)]
    assert (len(runs), len(found.runs)) == (2 * 2 * 2 * 3, 2)
    assert [run.model.width for run in found.runs] == [4, 5]


def test_a_tuning_is_asked_once_for_each_replica_with_its_own_spectrum():
    asked = []

    def tuning(spectrum, seed):
        asked.append((seed, spectrum.lambda_max))
        return gradient_descent(1 / spectrum.lambda_max)

    grid(MODEL, method=tuning, seed=[7, 3]).train(1)
    tops = [
        float(torch.linalg.eigvalsh(MODEL.tangent_kernel(MODEL.initialise([s]))[0])[-1])
        for s in (7, 3)
    ]
    assert [seed for seed, _ in asked] == [7, 3]
    assert [top for _, top in asked] == pytest.approx(tops, rel=1e-9)


def test_seeds_reach_the_problem_as_a_list_of_its_own():
    seen = []

    def problem(seeds):
        seen.append(seeds)
        return MODEL, MODEL.initialise(seeds)

    found = grid(problem, method=GD, seed=(4, 2)).train(1)
    assert seen == [[4, 2]]
    assert torch.equal(found.start[0], MODEL.initialise([4, 2])[0])


@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize("convert", [torch.as_tensor, np.asarray])
def test_a_model_with_starts_may_come_in_any_pair(kind, convert):
    starts = MODEL.initialise([5, 6])
    found = grid(kind([MODEL, [convert(layer) for layer in starts]]), method=GD).train(1)
    assert found.axes["seed"] == (0, 1)
    assert all(torch.equal(a, b) for a, b in zip(found.start, starts, strict=True))


def test_each_model_takes_the_largest_number_of_steps_of_its_own_runs():
    runs = grid(lambda top: _square(0.5, top), method=[GD, nesterov(0.1, 0.5)], top=[1.0, 2.0])
    found = runs.train(lambda top, method: int(10 * top + 5 * (method.momentum > 0)))
    assert [run.residual_norms.shape for run in found.runs] == [(2, 16), (2, 26)]
    assert found.shaped(found.stopped_at).flatten().tolist() == [15, 15, 25, 25]


def test_options_are_those_of_the_loop():
    seen = []
    looks = {"moved": lambda now: seen.append(len(now.weights[0])) or Snapshot.displacement(now)}
    options = {"observers": looks, "observe_at": [0, 2], "chunk": 2, "progress": False}
    found = grid(_square(0.5, 1.0), method=GD, seed=range(3)).train(
        200, **options, keep_residuals=True, tolerance=0.9, engine="torch"
    )
    assert seen == [2, 2, 1, 1]
    assert found.observed_at == (0, 2)
    assert found.residuals.shape == (3, 201, 2)
    assert found.stopped_at.tolist() == [63] * 3


METHODS = {
    "a function in a list": ([optimizers.lazy_nesterov, GD], ("lazy_nesterov", "gradient descent")),
    "a tuple": ((GD, nesterov(0.1, 0.5)), ("gradient descent", "Nesterov")),
    "a mapping": ({1: GD, (2, 3): optimizers.lazy_nesterov}, (1, (2, 3))),
    "a set of one": ({GD}, ("gradient descent",)),
}


@pytest.mark.parametrize(("methods", "labels"), METHODS.values(), ids=METHODS)
def test_methods_are_called_by_their_names(methods, labels):
    runs = grid(MODEL, method=methods, seed=[1, 2])
    assert list(runs.axes.items()) == [("method", labels), ("seed", (1, 2))]
    assert len(runs) == 2 * len(labels)


class Tuning:
    """A tuning that is an object, and so has no name of its own."""

    def __call__(self, spectrum):
        return gradient_descent(0.5 / spectrum.lambda_max)


def test_a_tuning_may_be_an_object_or_a_partial_function_under_a_label():
    halved = functools.partial(optimizers.classical_gradient_descent)
    found = grid(MODEL, method={"object": Tuning(), "partial": halved}).train(1)
    one, other = (method.step_size for method in found.methods)
    assert one == pytest.approx(other / 2, rel=1e-12)
    for nameless in (Tuning(), halved):
        with pytest.raises(
            TypeError, match="called by their names, and a lambda or partial has no"
        ):
            grid(MODEL, method=[nameless])
        assert grid(MODEL, method=nameless).axes == {"seed": (0,)}


WRONG = {
    "a class": ({"method": Method}, TypeError, "of the family of three numbers, got Method: make"),
    "a class in a mapping": (
        {"method": {"a": Tuning}},
        TypeError,
        "three numbers, got Tuning: make",
    ),
    "none in a list": ({"method": [None]}, TypeError, "of three numbers, got NoneType: make one"),
    "a default of nothing": (
        {"method": lambda s, factor=2: GD, "factr": [2]},
        TypeError,
        "axis factr is read by nothing: did you mean 'factor'? Otherwise name a parameter",
    ),
    "names to choose from": (
        {"method": lambda s, d=1, b=2, a=3, c=4: GD, "x": [2]},
        TypeError,
        "axis x is read by nothing: use one of a, b, c, d, s. Otherwise name a parameter",
    ),
    "seeds twice": (
        {"method": GD, "seed": [3, 3.0]},
        ValueError,
        "axis seed has the label 3 twice",
    ),
}


@pytest.mark.parametrize(("given", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_laid_out_is_refused_before_training(given, error, message):
    with pytest.raises(error, match=re.escape(message)):
        grid(MODEL, **given)


STARTS = {
    "of another shape": (lambda: (MODEL, [torch.ones(1, 2, 2)]), "weights have shapes [(1, 2, 2)]"),
    "of fewer seeds": (
        lambda: (MODEL, MODEL.initialise([0])),
        "has 1 starts for 2 seeds: give the",
    ),
}


@pytest.mark.parametrize(("problem", "message"), STARTS.values(), ids=STARTS)
def test_starts_that_do_not_fit_are_refused_when_they_are_made(problem, message):
    runs = grid(problem, method=GD, seed=[0, 1])
    with pytest.raises(ValueError, match=re.escape(message)):
        runs.train(1)


def test_a_problem_of_one_seed_makes_one_start_and_its_batches_are_those_of_the_seed():
    def alone(seed):
        return DeepLinear(DATA.X, DATA.Y, 6, 2)

    batches = Batches(2, [11, 12])
    apart = grid(alone, method={"a": GD}, seed=[5, 6]).train(9, batches=batches)
    together = grid(MODEL, method={"a": GD}, seed=[5, 6]).train(9, batches=batches)
    assert (len(apart.runs), len(together.runs)) == (2, 1)
    torch.testing.assert_close(apart.residual_norms, together.residual_norms, rtol=1e-9, atol=1e-12)
