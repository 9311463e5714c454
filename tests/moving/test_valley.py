"""The winding valley: on a wave by automatic differentiation, on the saw-tooth the library's."""

import math

import pytest
import torch

from rootkappa.evidence.additive_models import predicted_factor, tunings
from rootkappa.optimizers import walk
from rootkappa.theorems.liao2024provable.saw_tooth import SawTooth

METHODS = tunings(20)


def on_a_wave(method, strength, *start):
    def gradient(point):
        x, u = (part.clone().requires_grad_() for part in point)
        loss = (x + strength / 1.7 * torch.sin(1.7 * u)) ** 2 / 2
        return list(torch.autograd.grad(loss, (x, u)))

    begin = [torch.tensor(value, dtype=torch.float64) for value in start]
    return torch.stack([torch.stack(step.point) for step in walk(method, gradient, begin, 200)])


@pytest.mark.parametrize("strength", [0.0, 0.6, 1.2])
@pytest.mark.parametrize("name", METHODS)
def test_paths_on_a_wave_are_those_of_the_walker(script, name, strength):
    found = script("valley").own("run", "wave", name, strength, 2.0, -1.5)
    walked = on_a_wave(METHODS[name], strength, 2.0, -1.5)
    assert (torch.tensor(found, dtype=torch.float64)[:, :2] - walked).abs().max() < 1e-10


@pytest.mark.parametrize("strength", [0.0, 0.9, 1.0, 1.2])
@pytest.mark.parametrize("name", METHODS)
def test_residuals_on_the_saw_tooth_are_the_librarys(script, name, strength):
    found = script("valley").own("run", "saw", name, strength, 2.0, -1.5)
    norms = torch.tensor(found, dtype=torch.float64)[:, 2].abs()
    saw = SawTooth(torch.ones(1, dtype=torch.float64))
    known = saw.run(METHODS[name], torch.tensor([strength], dtype=torch.float64), 200).norms[0]
    norms, known = norms / norms[0], known / known[0]
    assert ((norms - known) / known.clamp(min=1)).abs().max() < 1e-10


def test_the_sentence_says_the_factors_of_the_closed_form(script):
    says = script("valley").show(strength=0.9, curve="saw")["says"]
    for method in METHODS.values():
        factor = math.sqrt(predicted_factor(method, 20, 0.9))
        assert f"{factor:.4g}" in says
    assert says.endswith("both arrive.")


@pytest.mark.parametrize(("strength", "end"), [(1.0, "stand still"), (1.2, "run away")])
def test_the_saw_tooth_stops_both_at_one(script, strength, end):
    assert script("valley").show(strength=strength, curve="saw")["says"].endswith(f"both {end}.")


def test_the_sentence_on_a_wave_says_what_is_left(script):
    says = script("valley").show(strength=0.9, curve="wave", x=2, u=-1.5)["says"]
    for method in METHODS.values():
        x, u = on_a_wave(method, 0.9, 2.0, -1.5)[[0, 60]].T
        left = (x + 0.9 / 1.7 * torch.sin(1.7 * u)).abs()
        assert script("valley").words(float(left[1] / left[0]), 2) in says
