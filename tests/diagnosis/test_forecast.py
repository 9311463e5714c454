"""Numbers chosen for each method against a search, and what torch takes."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.diagnosis.forecast import METHODS, _least, forecast
from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.dynamics import stability_limit
from rootkappa.optimizers import heavy_ball, nesterov

VALUES = torch.logspace(-3, 1, 30, dtype=torch.float64)
SPECTRUM = LabelSpectrum.of(
    VALUES, torch.ones(30, dtype=torch.float64), 0.0, exact=True, settled=True, products=0
)


def _found(name, headroom=2.0):
    return forecast(name, SPECTRUM, 1e-2, headroom, lambda m: SPECTRUM.steps_to(m, 1e-2))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("headroom", [1.5, 4.0])
def test_the_headroom_is_what_the_stability_limit_leaves(name, headroom):
    found = _found(name, headroom)
    eta, _, _ = found.method.coefficients(0)
    assert stability_limit(found.method) / (eta * 10) == pytest.approx(headroom)
    assert found.headroom == headroom


@pytest.mark.parametrize(("name", "family"), [("heavy ball", heavy_ball), ("nesterov", nesterov)])
def test_no_other_momentum_is_much_faster(name, family):
    found = _found(name)
    counts = []
    for gap in torch.logspace(-3, -0.1, 60).tolist():
        limit = stability_limit(family(1.0, 1 - gap))
        steps = SPECTRUM.steps_to(family(limit / 20, 1 - gap), 1e-2)
        counts.append(math.inf if steps is None else steps)
    assert found.steps <= 1.1 * min(counts)


@pytest.mark.parametrize("name", METHODS)
def test_loss_that_no_step_removes_changes_no_method(name):
    # Three quarters of the loss lie where the kernel is zero.
    values, components = torch.cat([torch.zeros(1), VALUES]), torch.ones(31, dtype=torch.float64)
    components[0] = math.sqrt(3 * 30)
    floored = LabelSpectrum.of(values, components, 1e-9, exact=True, settled=True, products=0)
    assert floored.floor == pytest.approx(0.75)
    found = forecast(name, floored, 1e-2, 2.0, lambda m: SPECTRUM.steps_to(m, 1e-2))
    assert found.method.coefficients(0) == pytest.approx(_found(name).method.coefficients(0))


@pytest.mark.parametrize("place", [0.03, 0.3, 0.5, 0.97])
def test_the_search_ends_at_the_foot_of_a_valley(place):
    found = _least(lambda x: abs(x - 2 * place), 0.0, 2.0)
    assert found == pytest.approx(2 * place, abs=0.02)


def test_momentum_needs_the_root_of_the_steps():
    slow, fast = _found("gradient descent").steps, _found("heavy ball").steps
    kappa = SPECTRUM.effective_kappa(1e-2)
    assert 0.2 < slow / fast / math.sqrt(kappa) < 2


@pytest.mark.parametrize("name", METHODS)
def test_torch_takes_the_numbers(name):
    kwargs = _found(name).torch_kwargs
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], **kwargs)
    assert kwargs["nesterov"] is (name == "nesterov")
    assert (kwargs["momentum"] > 0) is (name != "gradient descent")
