"""The methods and the tunings on which companion matrices are tested."""

import math

import pytest
import torch

from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
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
]
SCHEDULED = [nesterov(1.0), heavy_ball(0.5, lambda t: 0.9 * t / (t + 3))]


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
