"""What a specification can name is what the rooms offer."""

from __future__ import annotations

import inspect
import math
import re

import pytest
import torch

from rootkappa import LinearResNet, TwoLayerReLU, datasets, optimizers
from rootkappa.problems import Spectrum
from rootkappa.sweeps import _catalogue as catalogue
from rootkappa.training import Snapshot

CPU = torch.device("cpu")

SPECTRUM = Spectrum(0.5, 8.0)
METHODS = {
    "number": ({"name": "heavy_ball", "step_size": 0.1, "momentum": 0.5}, (0.1, 0.5, 0.0)),
    "in units": ({"name": "nesterov", "relative_step_size": 0.8, "momentum": 0.5}, (0.1, 0.5, 0.5)),
    "any": ({"name": "method", "step_size": 0.1, "extrapolation": 0.3}, (0.1, 0.0, 0.3)),
    "tuning": ({"name": "classical_gradient_descent"}, (0.125, 0.0, 0.0)),
    "misled": ({"name": "classical_nesterov", "kappa_factor": 4.0}, (0.125, 7 / 9, 7 / 9)),
}


@pytest.mark.parametrize(("part", "numbers"), METHODS.values(), ids=METHODS)
def test_methods(part, numbers):
    catalogue.check("method", part)
    spectrum = SPECTRUM if catalogue.needs_spectrum(part) else None
    found = catalogue.make_method(part, spectrum)
    assert found.coefficients(0) == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("name", sorted(catalogue._TUNINGS))
def test_every_tuning_reads_the_spectrum(name):
    found = catalogue.make_method({"name": name}, SPECTRUM)
    assert found == getattr(optimizers, name)(SPECTRUM)


def test_all_tunings_are_there():
    # Every public function whose first argument is a spectrum.
    functions = {name: getattr(optimizers, name) for name in optimizers.__all__}
    known = [
        name
        for name, function in functions.items()
        if inspect.isfunction(function) and "spectrum" in inspect.signature(function).parameters
    ]
    assert sorted(known) == sorted(catalogue._TUNINGS)


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.01])
def test_a_factor_that_leaves_no_condition_number(factor):
    with pytest.raises(ValueError, match="kappa"):
        catalogue.make_method({"name": "lazy_nesterov", "kappa_factor": factor}, SPECTRUM)


def test_data_go_where_they_are_wanted():
    part = {"name": "digits", "form": "linear", "components": 4, "reduce": True}
    catalogue.check("data", part)
    data = catalogue.make_data(part, torch.device("cpu"), torch.float32)
    assert (data.X.shape, data.Y.shape, data.X.dtype) == ((4, 4), (10, 4), torch.float32)


@pytest.mark.parametrize(
    ("section", "part", "drawn"),
    [
        ("data", {"name": "sphere"}, True),
        ("data", {"name": "sphere", "seed": 0}, False),
        ("data", {"name": "digits"}, True),
        ("data", {"name": "digits", "form": "linear"}, False),
        ("data", {"name": "digits", "form": "linear", "n": 20}, True),
        ("data", {}, False),
        ("model", {"name": "AdditiveModel"}, True),
        ("model", {"name": "DeepLinear"}, False),
    ],
)
def test_what_is_drawn_anew(section, part, drawn):
    assert catalogue.is_drawn(section, part) is drawn


WRONG = {
    "no name": ("model", {}, "model.name is None: "),
    "a number": ("data", {"name": 3}, "data.name is 3: "),
    "a near name": (
        "method",
        {"name": "heavyball"},
        "method.name is 'heavyball': did you mean 'he",
    ),
    "of another table": ("data", {"name": "DeepLinear"}, "data.name is 'DeepLinear': use one of"),
    "a near argument": (
        "data",
        {"name": "sphere", "k": 1, "N": 2},
        "data.N names nothing, since s",
    ),
    "a spectrum": (
        "method",
        {"name": "lazy_nesterov", "spectrum": 1},
        "method.spectrum names nothing, since lazy_nesterov takes kappa_factor: ",
    ),
    "both factors": (
        "method",
        {"name": "lazy_nesterov", "relative_step_size": 1.0},
        "method.relative_step_size names nothing, since lazy_nesterov takes kappa_factor: ",
    ),
    "seeds": ("model", {"name": "LinearResNet", "seeds": [0]}, "model.seeds names nothing, since"),
    "inputs": ("model", {"name": "DeepLinear", "X": [[1.0]]}, "model.X names nothing, since Deep"),
    "a restart": (
        "method",
        {"name": "method", "step_size": 0.1, "restart": "speed"},
        "method.restart names nothing, since method takes step_size, momentum, extrapolation",
    ),
    "nothing given": ("model", {"name": "DeepLinear"}, "DeepLinear needs model.width: give it, or"),
    "half given": (
        "model",
        {"name": "DeepLinear", "width": 3},
        "DeepLinear needs model.depth: giv",
    ),
    "no step": (
        "method",
        {"name": "gradient_descent"},
        "gradient_descent needs method.step_size: ",
    ),
    "two steps": (
        "method",
        {"name": "heavy_ball", "step_size": 0.1, "relative_step_size": 0.5, "momentum": 0.9},
        "method.step_size and method.relative_step_size are two numbers for one step: give one",
    ),
    "no momentum": (
        "method",
        {"name": "heavy_ball", "relative_step_size": 0.5},
        "heavy_ball needs method.momentum: give it, or make it an axis",
    ),
}


@pytest.mark.parametrize(("section", "part", "message"), WRONG.values(), ids=WRONG)
def test_what_a_part_cannot_be_is_said_in_one_sentence(section, part, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}.*[.?]$"):
        catalogue.check(section, part)


ARGUMENTS = {
    "made": ("data", "sphere", {"d": False, "k": False, "n": False, "seed": False}),
    "real": (
        "data",
        "digits",
        {"n": False, "seed": False, "form": False, "components": False},
    ),
    "without data": ("model", "Quadratic", {"eigenvalues": True}),
    "needed and not": ("model", "DeepReLU", {"widths": True, "frozen": False}),
    "method": ("method", "heavy_ball", {"step_size": True, "momentum": True}),
    "schedule": ("method", "nesterov", {"step_size": True, "momentum": False}),
    "tuning": ("method", "triple_momentum", {}),
}
ADDED = {"data": "reduce", "model": "reduce", "method": "relative_step_size"}


@pytest.mark.parametrize(("section", "name", "wanted"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_those_of_the_function_and_one_of_sweeps(section, name, wanted):
    added = "kappa_factor" if name == "triple_momentum" else ADDED[section]
    assert catalogue.arguments(section, {"name": name}) == {**wanted, added: False}


@pytest.mark.parametrize(
    ("method", "tuning", "spectrum"),
    [
        ({"name": "optimal_nesterov"}, True, True),
        ({"name": "nesterov", "relative_step_size": 1.0}, False, True),
        ({"name": "nesterov", "step_size": 1.0}, False, False),
    ],
)
def test_who_reads_the_spectrum(method, tuning, spectrum):
    assert catalogue.is_tuning(method) is tuning
    assert catalogue.needs_spectrum(method) is spectrum


def test_a_tuning_that_is_not_misled_reads_the_spectrum_itself():
    # A condition number that is divided and multiplied again would be another one.
    values = Spectrum(0.1, 0.7)
    for given in ({}, {"kappa_factor": 1}, {"kappa_factor": 1.0}):
        part = {"name": "optimal_heavy_ball", **given}
        assert catalogue.make_method(part, values) == optimizers.optimal_heavy_ball(values)


@pytest.mark.parametrize(("factor", "kappa"), [(4.0, 64.0), (2.0, 32.0), (0.5, 8.0), (1 / 16, 1.0)])
def test_a_factor_changes_the_least_eigenvalue_alone(factor, kappa):
    part = {"name": "optimal_gradient_descent", "kappa_factor": factor}
    found = catalogue.make_method(part, SPECTRUM)
    assert found.step_size == pytest.approx(2 / (8.0 + 8.0 / kappa), rel=1e-12)


FACTORS = {
    "zero": (0, "method.kappa_factor must be a finite number above 0, got 0: choose one."),
    "below one": (
        0.01,
        "the kappa that a tuning is told must be finite and at least 1, got 0.16: r",
    ),
    "infinite": (math.inf, "method.kappa_factor must be a finite number above 0, got inf"),
}


@pytest.mark.parametrize(("factor", "message"), FACTORS.values(), ids=FACTORS)
def test_a_factor_that_cannot_be_says_so(factor, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        catalogue.make_method({"name": "lazy_nesterov", "kappa_factor": factor}, SPECTRUM)


def test_maps_are_drawn_for_each_replica_and_data_are_those_given():
    data = catalogue.make_data({"name": "sphere", "d": 4, "n": 6, "seed": 2}, CPU, torch.float64)
    part = {"name": "LinearResNet", "width": 8, "depth": 2, "reduce": True}
    found = catalogue.make_model(part, data, [3, 4])
    alone = LinearResNet.gaussian(data.X, data.Y, 8, 2, [4])
    assert torch.equal(found.A[1], alone.A[0] if alone.A.ndim == 3 else alone.A)
    assert found.Y is data.Y
    without = catalogue.make_model({"name": "Quadratic", "eigenvalues": [1.0, 4.0]}, None, [3])
    torch.testing.assert_close(without.spectra(without.initialise([0]))[0].kappa, 4.0)


def test_observers_are_those_of_a_snapshot_that_give_one_number():
    assert all(getattr(Snapshot, name) is seen for name, seen in catalogue.OBSERVERS.items())
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X, data.Y, 6)
    now = Snapshot(model, 1, model.initialise([1, 2]), model.initialise([0, 3]))
    assert {seen(now).shape for seen in catalogue.OBSERVERS.values()} == {(2,)}
