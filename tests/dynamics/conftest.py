"""The methods and the tunings on which companion matrices are tested."""

import dataclasses
import math

import pytest
import torch

from rootkappa.optimizers import (
    GradientRestart,
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
    tunings,
)

METHODS = [
    gradient_descent(1.0),
    gradient_descent(1.9),
    heavy_ball(0.3, 0.5),
    heavy_ball(1.0, 0.25),
    heavy_ball(1.0, 0.9),
    nesterov(0.5, 0.8),
    nesterov(1.2, 0.5),
    triple_momentum(1e-3, 1.0),
    Method(0.5, momentum=0.2, extrapolation=0.9, name="over-extrapolated"),
    Method(0.5, momentum=0.9, extrapolation=0.3, name="between"),
    Method(0.8, momentum=0.0, extrapolation=0.7, name="extrapolation alone"),
    Method(0.8, momentum=0.9, extrapolation=1.0, name="a whole step ahead"),
    Method(1.1, momentum=0.95, extrapolation=1.09, name="AGNES"),
    Method(0.5, momentum=0.5, extrapolation=2.0, name="two steps ahead"),
    Method(0.15, momentum=0.98, extrapolation=10.0, name="ten steps ahead"),
]
SCHEDULED = [
    nesterov(1.0),
    heavy_ball(0.5, lambda t: 0.9 * t / (t + 3)),
    Method(0.3, 0.5, lambda t: 2 / (t + 1), name="extrapolation on a schedule"),
]


def _name(method):
    return f"{method.name} {method.step_size}"


@pytest.fixture(params=METHODS, ids=_name)
def method(request):
    return request.param


@pytest.fixture(params=METHODS + SCHEDULED, ids=_name)
def any_method(request):
    return request.param


@pytest.fixture
def grid():
    return torch.logspace(-4, 0, 41, dtype=torch.float64)


@pytest.fixture
def tuned():
    """A grid on the spectrum [1/kappa, 1], with heavy ball and Nesterov tuned to it."""

    def methods(kappa):
        grid = torch.logspace(-math.log10(kappa), 0, 60, dtype=torch.float64)
        heavy = tunings.modular_heavy_ball(1 / kappa, 1.0)
        return grid, heavy, tunings.lazy_nesterov(1 / kappa, 1.0)

    return methods


@pytest.fixture(params=["schedule", "restart rule"])
def changing(request):
    """A method whose numbers change, and what to call it."""
    method = nesterov(1.0) if request.param == "schedule" else heavy_ball(1.0, 0.5)
    rule = None if request.param == "schedule" else GradientRestart()
    return method if rule is None else method.with_restart(rule), request.param


@pytest.fixture(params=[1e-12, 1e-3, 1e12])
def scale(request):
    """A change of units."""
    return request.param


@pytest.fixture
def rescaled():
    """The same method in units in which every eigenvalue is `scale` times as large."""
    return lambda method, scale: dataclasses.replace(method, step_size=method.step_size / scale)
