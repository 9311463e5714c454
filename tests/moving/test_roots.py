"""One mode, two roots: roots, radii and traces against eigenvalue solvers and the recursion."""

import math

import numpy as np
import pytest
import torch

from rootkappa import dynamics
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.optimizers import Method

# Real, complex and double roots, none at all, unstable ones, and extrapolation beyond momentum.
CASES = [
    (1.0, 0.0, 0.0, 0.04),
    (1.0, 0.81, 0.0, 0.3),
    (1.0, 0.81, 0.0, 0.01),
    (1.0, 0.81, 0.0, 0.005),
    (0.5, 0.765, 0.765, 0.04),
    (0.5, 0.765, 0.765, 0.03),
    (2.0, 0.3, 0.9, 0.7),
    (4.0, 0.5, 0.0, 1.0),
    (1.0, 0.0, 0.0, 1.0),
]


def method_of(eta, beta, gamma):
    return Method(eta, beta, gamma)


@pytest.mark.parametrize("case", CASES)
def test_the_roots_are_those_of_the_companion_matrix(script, case):
    *three, value = case
    found = script("roots").value("rootkappa.modes.roots", three, value)
    matrix = dynamics.companion(method_of(*three), [value])[0].numpy()
    solved = np.linalg.eigvals(matrix)
    # At a double root an eigenvalue solver keeps half of the digits.
    close = 1e-7 if abs(solved[0] - solved[1]) < 1e-6 else 1e-10
    assert np.sort_complex([complex(*root) for root in found]) == pytest.approx(
        np.sort_complex(solved.astype(complex)), abs=close
    )


@pytest.mark.parametrize("case", CASES)
def test_radius_kinks_and_trace_are_the_librarys(script, case):
    *three, value = case
    method = method_of(*three)
    of = script("roots").value
    radius = float(dynamics.spectral_radius(method, [value]))
    assert of("rootkappa.modes.radius", three, value) == pytest.approx(radius, abs=1e-10)
    solved = dynamics.modal_response(method, [value], 60)[0]
    trace = torch.tensor(of("rootkappa.modes.trace", three, value, 60), dtype=torch.float64)
    assert ((trace - solved) / solved.abs().clamp(min=1)).abs().max() < 1e-10
    low, high = oscillatory_interval(method)
    kinks = of("rootkappa.modes.kinks", three)
    assert kinks == (pytest.approx([low, high]) if high > low else [])


def test_the_curve_is_the_radius_at_every_eigenvalue(script):
    shown = script("roots").show(eta=1, beta=0.81, gamma=0, **{"lambda": 0.04})
    (line,) = (mark["line"] for mark in shown["panels"][1]["marks"] if "line" in mark)
    places, heights = torch.tensor(line, dtype=torch.float64).T
    exact = dynamics.spectral_radius(method_of(1, 0.81, 0), places)
    # At a kink the radius moves as a root, and the place is known to its last digit only.
    assert (heights - exact).abs().max() < 1e-7
    assert (heights - exact).abs().median() < 1e-10


def test_the_sentence_says_what_the_roots_do(script):
    rings = script("roots").show(eta=1, beta=0.81, gamma=0, **{"lambda": 0.3})["says"]
    angle = math.acos((1 + 0.81 - 0.3) / (2 * 0.9))
    assert f"once in {2 * math.pi / angle:.3g} steps" in rings
    assert f"about {math.ceil(math.log(1e-6) / math.log(0.9))} steps" in rings
    creeps = script("roots").show(eta=1, beta=0, gamma=0, **{"lambda": 0.04})["says"]
    assert "real, 0.96 and 0:" in creeps
    grows = script("roots").show(eta=4, beta=0.5, gamma=0, **{"lambda": 1})["says"]
    assert "never comes to rest" in grows
