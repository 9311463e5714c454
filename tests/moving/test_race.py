"""The race: its counts and curves are those of the frozen dynamics."""

import math

import pytest
import torch

from rootkappa import dynamics
from rootkappa.evidence.quadratics import TUNINGS, even
from tests.moving.conftest import data_of

KAPPAS = (1.0, 1.5, 9.0, 100.0, 437.0, 1e4)


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("name", TUNINGS)
def test_curves_and_counts_are_the_librarys(script, name, kappa):
    path = torch.tensor(script("race").own("race", name, kappa), dtype=torch.float64)
    spectrum = even(kappa, 12)
    method, steps = TUNINGS[name](spectrum), path[:, 0].long()
    solved = dynamics.modal_response(method, spectrum.eigenvalues, steps)
    norms = solved.square().mean(0).sqrt()
    assert (path[:, 1] - norms).abs().max() < 1e-10
    assert steps[-1] == dynamics.steps_to(method, spectrum, torch.ones(12).double(), 1e-6)


def test_the_sentence_says_the_counts_and_the_nearest_network(script):
    data = data_of("race")
    shown = script("race").show(data, kappa=300.0)
    ones = torch.ones(12).double()
    spectrum = even(300.0, 12)
    counts = [dynamics.steps_to(make(spectrum), spectrum, ones, 1e-6) for make in TUNINGS.values()]
    for count in counts:
        assert f"{count:,}" in shown["says"]
    assert f"{counts[0] / counts[2]:.2g} times fewer" in shown["says"]
    nearest = min(data["networks"], key=lambda of: abs(math.log(of["kappa"] / 300)))
    steps = [script("race").words(of) for of in nearest["steps"].values()]
    assert f"{nearest['kind']} at κ = {nearest['kappa']:g}" in shown["says"]
    assert shown["says"].endswith(f"took {steps[0]}, {steps[1]} and {steps[2]}.")


def test_without_a_network_nearby_it_says_so(script):
    assert script("race").show(data_of("race"), kappa=1e4)["says"].endswith("is near.")


def test_where_momentum_does_not_pay_it_says_so(script):
    assert "momentum does not pay" in script("race").show(data_of("race"), kappa=1.0)["says"]


def test_networks_are_drawn_where_they_were_measured(script):
    data = data_of("race")
    marks = script("race").show(data, kappa=10.0)["panels"][1]["marks"]
    drawn = {(mark["look"], *mark["dots"][0]) for mark in marks if "dots" in mark}
    for network in data["networks"]:
        for name, steps in network["steps"].items():
            assert (name, network["kappa"], steps) in drawn
