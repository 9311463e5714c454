"""Constants of a partition: their two classes, their ratios and their ranges."""

from __future__ import annotations

import dataclasses
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


def test_the_least_singular_value_decides_the_convexity_and_the_greatest_the_rest():
    # No two of the three numbers are alike: sigma_min^2, sigma_max^2 and sigma_max G1.
    found = PartitionConstants.additive(0.5, 3.0, G1=0.25)
    assert (found.mu, found.L1, found.G2) == (0.25, 9.0, 0.75)
    assert (found.L2, found.G1) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("G1", "L2", "mu", "share"), [(0.0, 5.0, 2.0, 0.0), (3.0, 4.0, 9.0, 2.0), (2.0, 1.0, 16.0, 0.5)]
)
def test_the_share_in_u_is_the_root_of_lemma_9(G1, L2, mu, share):
    # ||grad_u f||^2 <= G1^2 L2/mu ||grad_x f||^2.
    found = PartitionConstants(mu, 20.0, L2, G1, 0.0)
    assert found.perturbation == pytest.approx(share)
    assert found.perturbation**2 == pytest.approx(G1**2 * L2 / mu)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_ratios_do_not_depend_on_the_unit_of_the_weights(scale):
    # Weights in another unit: second derivatives scale by its square, those of the model once.
    plain = PartitionConstants(2.0, 30.0, 1.5, G1=0.2, G2=0.4)
    other = PartitionConstants(2 * scale**2, 30 * scale**2, 1.5, 0.2 * scale, 0.4 * scale**2)
    assert other.kappa == pytest.approx(plain.kappa, rel=1e-12)
    assert other.perturbation == pytest.approx(plain.perturbation, rel=1e-12)


def test_constants_that_are_equal_make_the_best_condition_number():
    assert PartitionConstants.strongly_convex(3.0, 3.0).kappa == 1
    assert PartitionConstants.additive(2.0, 2.0, 0.0).kappa == 1


def test_constants_cannot_be_changed_behind_the_checks():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PartitionConstants.strongly_convex(1.0, 2.0).mu = -1.0


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
    ({"G2": -1}, "G2 must be finite and at least 0, got -1: it is a Lipschitz constant"),
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


OF_MAPS = [
    ((0.0, 1.0, 0.1), "sigma_min must be a finite number above 0, got 0"),
    # Squares would hide the sign.
    ((-1.0, 2.0, 0.1), "sigma_min must be a finite number above 0, got -1"),
    ((1.0, -2.0, 0.1), "sigma_max must be a finite number above 0, got -2"),
    ((1.0, math.inf, 0.1), "sigma_max must be a finite number above 0, got inf"),
    ((2.0, 1.0, 0.1), "L1 must be finite and at least 4, got 1: it is at least mu = 4, swap"),
    ((1.0, 2.0, -0.1), "G1 must be finite and at least 0, got -0.1: .* give its absolute value"),
    ((1.0, 2.0, math.nan), "G1 must be a finite number, got nan"),
]


@pytest.mark.parametrize(("numbers", "message"), OF_MAPS)
def test_maps_that_are_none_are_refused_by_their_own_names(numbers, message):
    with pytest.raises(ValueError, match=message):
        PartitionConstants.additive(*numbers)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [None, "1", True])
def test_other_kinds_of_maps(place, value):
    numbers, names = [1.0, 2.0, 0.1], ("sigma_min", "sigma_max", "G1")
    numbers[place] = value
    with pytest.raises(TypeError, match=rf"{names[place]} must be a number, got {value!r}"):
        PartitionConstants.additive(*numbers)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [((0.0, 2.0), "mu must be above 0, got 0: .* choose another partition"),
     ((3.0, 2.0), "L1 must be .* at least 3, got 2: it is at least mu = 3, swap the two")],
)  # fmt: skip
def test_a_function_that_is_not_strongly_convex_is_refused(numbers, message):
    with pytest.raises(ValueError, match=message):
        PartitionConstants.strongly_convex(*numbers)
