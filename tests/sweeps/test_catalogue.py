"""What a specification can name is what the rooms offer."""

from __future__ import annotations

import inspect

import pytest
import torch

from rootkappa import optimizers
from rootkappa.problems import Spectrum
from rootkappa.sweeps import _catalogue as catalogue

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
