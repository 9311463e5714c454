"""What figures that move store: few digits, and runs that diverge are far away."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.architectures import Quadratic
from rootkappa.evidence._curves import logarithms, paired, short
from rootkappa.optimizers import gradient_descent
from rootkappa.theorems import GaussianNesterov
from rootkappa.training import grid


@pytest.mark.parametrize(
    ("values", "stored"),
    [([1.0, 5.0, 1e-3], [0, -300]), ([math.nan, 1, math.inf], [9900, 9900]), ([2.0], [30])],
)
def test_every_other_logarithm_in_hundredths(values, stored):
    assert logarithms(torch.tensor(values, dtype=torch.float64), 2) == stored


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.123456, 0.123), (1234.5, 1230.0), (math.inf, 99.0), (math.nan, 99.0)]
)
def test_three_digits(value, rounded):
    assert short(value) == rounded
    assert short(torch.tensor(value, dtype=torch.float64)) == rounded


def test_pairs_are_those_of_the_theorems():
    run = grid(
        Quadratic.with_spectrum(torch.tensor([0.1, 1.0], dtype=torch.float64)),
        method=gradient_descent(1.0),
    ).train(20, keep_residuals=True)
    assert paired(run.residuals).numpy() == pytest.approx(GaussianNesterov().measured(run).numpy())


def test_pairs_of_several_networks_by_hand():
    residuals = torch.tensor(
        [[[3.0, 4.0], [0.0, 5.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]]]
    )
    found = paired(residuals)
    assert found.tolist() == [
        pytest.approx([1.0, 1.0, 0.5**0.5]),
        pytest.approx([1.0, 1.0, 2.5**0.5]),
    ]


def test_every_third_logarithm_begins_with_the_first():
    values = 10.0 ** -torch.arange(8, dtype=torch.float64)
    assert logarithms(values, 3) == [0, -300, -600]
    assert logarithms(values, 1) == [-100 * k for k in range(8)]
    assert logarithms(torch.tensor([1e120, 0.0], dtype=torch.float64)[:1], 1) == [9900]
