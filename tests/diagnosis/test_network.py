"""What follows from a start, by hand on a linear module, whose kernel X X^T never moves."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rootkappa import diagnose
from rootkappa.diagnosis import network
from rootkappa.diagnosis.network import _headroom
from tests.diagnosis.zoo import FLAT, TARGET, perceptron


def _linear():
    return nn.Linear(6, 1, bias=False).double()


def test_the_critical_batch_compares_the_sharpest_sample_with_all():
    found = diagnose(_linear(), FLAT, TARGET)
    mean = torch.linalg.eigvalsh(FLAT @ FLAT.mT).max() / len(FLAT)
    beta = found.forecasts["heavy ball"].method.coefficients(0)[1]
    expected = float(FLAT.square().sum(1).max() / mean) / (1 - beta)
    assert found.critical_batch == pytest.approx(expected, rel=1e-10)


def test_a_kernel_that_stays_asks_for_the_least_headroom():
    found = diagnose(_linear(), FLAT, TARGET)
    assert found.laziness.top == pytest.approx(1.0, rel=1e-6)
    assert {each.headroom for each in found.forecasts.values()} == {2.0}
    assert found.laziness.moved < 1e-12


def test_an_end_that_is_not_reached_says_nothing_of_laziness(monkeypatch):
    module, classes = nn.Linear(6, 2, bias=False).double(), (TARGET[:, 0] > 0).long()
    nn.init.zeros_(module.weight)
    ask = partial(diagnose, module, FLAT, classes, "cross_entropy", tolerance=0.4)
    # The module is its own linearisation, from log 2 on.
    W, step, count = module.weight.detach().clone(), 1 / ask().spectrum.lambda_max, 0
    while cross_entropy(FLAT @ W.mT, classes) >= 0.4 * math.log(2):
        W.requires_grad_()
        (slope,) = torch.autograd.grad(cross_entropy(FLAT @ W.mT, classes), W)
        W, count = (W - step * slope).detach(), count + 1
    assert count > 2
    for most, told in ((count - 1, False), (count, True)):
        monkeypatch.setattr(network, "_SIMULATED", most)
        assert (ask().laziness is not None) == told


def test_headroom_is_what_the_linearised_end_asks_for_within_bounds():
    found = diagnose(perceptron(), FLAT, TARGET)
    (room,) = {each.headroom for each in found.forecasts.values()}
    assert room == min(50.0, max(2.0, found.laziness.top))
    assert _headroom(None, None) == 2.0
    assert _headroom(7.0, found.laziness) == 7.0
    with pytest.raises(ValueError, match=r"at least 1\.01, got 1: at 1 a method is at its limit"):
        _headroom(1.0, None)


CLASSES = (FLAT[:, 0] > 0).long()


@pytest.mark.parametrize(
    ("outputs", "loss"), [(1, (TARGET,)), (2, (CLASSES, "cross_entropy"))], ids=["squares", "logs"]
)
def test_each_method_is_looked_at_where_it_takes_the_network_farthest(outputs, loss):
    found = diagnose(perceptron(outputs=outputs), FLAT, *loss, tolerance=0.05)
    assert set(found.laziness.excursions) == set(found.forecasts)
    # Gradient descent goes straight to its end.
    at_end = pytest.approx(found.laziness.drift, rel=0.05)
    assert found.laziness.excursions["gradient descent"] == at_end
