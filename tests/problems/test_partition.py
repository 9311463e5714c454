"""Constants of a partition: their two classes, their ratios and their ranges."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.problems import PartitionConstants


def test_the_additive_model_by_hand():
    # A1 with singular values 2 and 6, sigma 1-Lipschitz and sigma_max(A2) = 1/2.
    found = PartitionConstants.additive(2.0, 6.0, G1=0.5)
    assert found == PartitionConstants(4.0, 36.0, 1.0, 0.5, 3.0, math.inf, math.inf)
    assert found.kappa == 9
    assert found.perturbation == pytest.approx(0.5 / 2)


def test_a_strongly_convex_function_has_no_perturbation():
    found = PartitionConstants.strongly_convex(2.0, 50.0)
    assert (found.mu, found.L1, found.L2, found.kappa) == (2, 50, 50, 25)
    assert found.G1 == found.G2 == found.perturbation == 0


def test_numbers_become_floats():
    found = PartitionConstants(np.int64(1), np.float32(4), 1, 0, 0, R_x=np.array(2))
    assert {type(value) for value in vars(found).values()} == {float}
    assert (found.R_x, found.R_u) == (2, math.inf)


@pytest.mark.parametrize(
    "infinity", [math.inf, np.inf, np.float32("inf"), np.array(np.inf), torch.tensor(math.inf)]
)
def test_infinite_radii_of_every_kind_are_infinity(infinity):
    found = PartitionConstants(1, 4, 1, 0, 0, infinity, infinity)
    assert (found.R_x, found.R_u) == (math.inf, math.inf)
    assert type(found.R_x) is type(found.R_u) is float


def test_a_radius_is_one_number():
    with pytest.raises(
        TypeError, match=r"R_x must be a number, got Tensor of shape \(2,\): give one"
    ):
        PartitionConstants(1, 4, 1, 0, 0, torch.full((2,), math.inf))


GOOD = {"mu": 1.0, "L1": 4.0, "L2": 1.0, "G1": 0.5, "G2": 0.5}
BAD = [
    ({"mu": 0}, "mu must be above 0, got 0: the problem is not strongly convex in x"),
    ({"mu": -2}, "mu must be above 0, got -2"),
    ({"mu": math.nan}, "mu must be a finite number, got nan"),
    ({"L1": 0.5}, "L1 must be finite and at least 1, got 0.5: it is at least mu = 1, swap"),
    ({"L1": math.inf}, "L1 must be finite and at least 1, got inf"),
    ({"L2": 0}, "L2 must be a finite number above 0, got 0"),
    ({"G1": -1}, "G1 must be finite and at least 0, got -1: it is a Lipschitz constant"),
    ({"G2": math.nan}, "G2 must be finite and at least 0, got nan"),
    ({"R_x": 0}, "R_x must be above 0, got 0: use math.inf where the assumptions hold"),
    ({"R_u": -math.inf}, "R_u must be a finite number, got -inf"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_messages(change, message):
    with pytest.raises(ValueError, match=message):
        PartitionConstants(**GOOD | change)


@pytest.mark.parametrize("name", [*GOOD, "R_x", "R_u"])
@pytest.mark.parametrize("value", [None, "1", True])
def test_other_kinds(name, value):
    with pytest.raises(TypeError, match=rf"{name} must be a number, got {value!r}"):
        PartitionConstants(**GOOD | {name: value})
