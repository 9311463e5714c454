"""Three Nesterovs: the Bessel function, and every envelope, against the library."""

import math

import numpy as np
import pytest
import torch

from rootkappa import dynamics
from rootkappa.dynamics import VanishingFriction
from rootkappa.optimizers import NesterovSchedule, nesterov

STEPS = 4000
ONE = torch.ones(1, dtype=torch.float64)


def library(name, y, r):
    if name == "flow":
        times = torch.arange(STEPS + 1).double() * math.sqrt(y)
        found = VanishingFriction(r).response(ONE, times)[0]
    else:
        root = math.sqrt(y)
        method = {
            "twin": VanishingFriction(r).discretised(1.0),
            "schedule": nesterov(1.0, NesterovSchedule(r)),
            "constant": nesterov(1.0, (1 - root) / (1 + root)),
        }[name]
        found = dynamics.modal_response(method, y * ONE, STEPS)[0]
    return np.maximum.accumulate(found.abs().numpy()[::-1])[::-1]


@pytest.mark.parametrize("r", [2, 3, 5, 8])
def test_the_flow_is_its_bessel_function(script, r):
    places = [0.0, 0.3, 5.0, 11.9, 12.0, 12.1, 30.0, 400.0]
    exact = VanishingFriction(r).response(ONE, torch.tensor(places, dtype=torch.float64))[0]
    found = [script("nesterovs").own("bessel", r, z) for z in places]
    assert found == pytest.approx(exact.tolist(), abs=1e-10)


@pytest.mark.parametrize(("y", "r"), [(0.01, 3), (0.3, 8), (0.002, 2)])
@pytest.mark.parametrize("name", ["flow", "twin", "schedule", "constant"])
def test_every_curve_is_the_largest_size_still_to_come(script, name, y, r):
    found = np.array(script("nesterovs").own("sizes", name, y, r))
    assert np.abs(found - library(name, y, r)).max() < 1e-10


def test_the_sentence_says_where_the_schedule_leaves_its_twin(script):
    says = script("nesterovs").show(y=0.01, r=3)["says"]
    ratio = library("twin", 0.01, 3)[200] / library("schedule", 0.01, 3)[200]
    assert "= 200 the" in says
    assert f"lies {ratio:.2g} times below" in says
    assert f"factor {math.sqrt(0.99):.4g} a step, constant momentum with 0.9." in says
    assert "power −1.5 for ever" in says


@pytest.mark.parametrize("axis", ["log", "even"])
def test_curves_are_drawn_where_they_are(script, axis):
    shown = script("nesterovs").show(y=0.05, r=4, axis=axis)
    line = shown["panels"][0]["marks"][2]["line"]
    exact = library("schedule", 0.05, 4)
    assert [size for _, size in line] == pytest.approx([exact[k] for k, _ in line], abs=1e-10)
