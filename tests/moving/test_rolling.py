"""The rolling ball: its paths are the library's walk in the same valley."""

import math

import pytest
import torch

from rootkappa.optimizers import Method, walk

START = torch.tensor([-9.0, 1.2], dtype=torch.float64)


def walked(kappa, beta):
    steps = math.ceil(8 * math.sqrt(kappa))
    curvatures = torch.tensor([1 / kappa, 1.0], dtype=torch.float64)
    found = walk(Method(1.0, beta, 0.0), lambda at: [curvatures * at[0]], [START], steps)
    return torch.stack([now.point[0] for now in found])


@pytest.mark.parametrize("kappa", [1.0, 25.0, 400.0])
@pytest.mark.parametrize("beta", [0.0, 0.64, 0.99])
def test_paths_are_the_librarys(script, kappa, beta):
    for name, momentum in (("gradient descent", 0.0), ("heavy ball", beta)):
        found = torch.tensor(script("rolling").own("path", name, kappa, beta), dtype=torch.float64)
        expected = walked(kappa, momentum)
        assert ((found - expected).abs() / START.abs()).max() < 1e-10


@pytest.mark.parametrize(
    ("beta", "advice"),
    [(0.3, "creeps"), (0.63, "up to 0.64"), (0.64, "With less it"), (0.9, "rings")],
)
def test_the_sentence_says_what_is_left_and_what_would_help(script, beta, advice):
    says, words = script("rolling").show(kappa=25, beta=beta)["says"], script("rolling").words
    for momentum in (0.0, beta):
        left = 100 * float(walked(25.0, momentum)[-1].norm() / START.norm())
        assert f"{words(left, 2)} %" in says
    assert advice in says


@pytest.mark.parametrize("kappa", [4.0, 25.0, 100.0])
def test_the_momentum_that_it_names_is_where_the_radius_is_least(script, kappa):
    says = script("rolling").show(kappa=kappa, beta=0)["says"]
    radius = script("rolling").value("rootkappa.modes.radius", [1, 0, 0], 1 / kappa)
    named = float(says.rpartition("up to ")[2].rstrip("."))
    radii = {
        beta: script("rolling").value("rootkappa.modes.radius", [1, beta, 0], 1 / kappa)
        for beta in (named - 0.02, named, named + 0.02)
    }
    assert min(radii, key=radii.get) == named
    assert radii[named] < radius


def test_what_is_drawn_is_the_path_and_its_distance(script):
    panels = script("rolling").show(kappa=25, beta=0.64)["panels"]
    for place, momentum in enumerate((0.0, 0.64)):
        expected = walked(25.0, momentum)
        lines = [m["line"] for m in panels[0]["marks"] if "line" in m and m.get("thick") == 1]
        assert (torch.tensor(lines[place], dtype=torch.float64) - expected).abs().max() < 1e-10
        curve = torch.tensor(panels[1]["marks"][place]["line"], dtype=torch.float64)
        assert curve[:, 1] == pytest.approx(
            (expected.norm(dim=1) / START.norm()).clamp(min=1e-9), rel=1e-9
        )
