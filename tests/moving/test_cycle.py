"""Heavy ball's cycle: paths and basins are those of the library's walker."""

import pytest
import torch

from rootkappa import optimizers
from rootkappa.evidence import quadratics as evidence

METHODS = {
    "polyak": optimizers.optimal_heavy_ball,
    "modular": optimizers.modular_heavy_ball,
    "nesterov": optimizers.classical_nesterov,
    "descent": optimizers.classical_gradient_descent,
}
STARTS = torch.linspace(-5, 5, 200, dtype=torch.float64)


@pytest.mark.parametrize("name", METHODS)
def test_paths_are_the_librarys(script, name):
    for start in (-4.2, 0.95, 3.3):
        found = torch.tensor(script("cycle").own("visit", name, start, 300), dtype=torch.float64)
        walked = evidence.visit(METHODS[name](1, 25), start=start)
        assert (found - walked).abs().max() < 1e-10


@pytest.mark.parametrize("name", METHODS)
def test_basins_are_those_of_long_runs(script, name):
    found = script("cycle").own("basin", name)
    ends = evidence.visit(METHODS[name](1, 25), start=STARTS, steps=2000)[-1]
    assert [start for start, _ in found] == pytest.approx(STARTS.tolist())
    assert [arrived for _, arrived in found] == (ends.abs() < 1e-3).tolist()


def test_the_sentence_names_the_corners_of_the_cycle(script):
    says = script("cycle").show(start=3.3, method="polyak")["says"]
    corners = sorted(evidence.heavy_ball_cycle().shown["cycle"].tolist())
    for corner in corners:
        assert f"{corner:.3g}".replace("-", "−") in says


def test_it_counts_the_steps_of_a_run_that_arrives(script):
    path = evidence.visit(optimizers.classical_nesterov(1, 25), start=3.3).abs()
    arrived = int((path >= 1e-3).nonzero().max()) + 1
    says = script("cycle").show(start=3.3, method="nesterov")["says"]
    assert f"arrives at the minimum, 0, in {arrived} steps" in says
    assert says.endswith("So do all of 200 starts between −5 and 5.")
