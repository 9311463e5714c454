"""Speeds, means and comparisons of draws, by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa.evidence.two_layer_relu import networks, real, tails, widths
from rootkappa.optimizers import gradient_descent, nesterov
from rootkappa.problems import Spectrum


@pytest.mark.parametrize("steps", [1, 8])
def test_a_mean_speed_is_read_between_the_ends(steps):
    residuals = torch.ones(steps + 1, 3, dtype=torch.float64)
    residuals[-1] *= 0.75**steps
    assert networks.mean_speed(residuals) == pytest.approx(0.25)


def test_a_speed_is_that_of_the_slowest_roots():
    spectrum, method = Spectrum.of_values([0.05, 0.4, 1.0]), nesterov(0.7, 0.6)
    radii = [
        abs(np.roots([1, -1.6 * (1 - 0.7 * x), 0.6 * (1 - 0.7 * x)])).max() for x in (0.05, 0.4, 1)
    ]
    assert networks.speed(method, spectrum) == pytest.approx(1 - max(radii))
    model = SimpleNamespace(spectra=lambda start: [spectrum] if start == "start" else None)
    run = SimpleNamespace(methods=[gradient_descent(1.0)], model=model, start="start")
    assert networks.promised(run) == pytest.approx(0.05)


def test_dictionaries_of_draws_become_columns():
    rows = [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    assert networks.by_draw(rows) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}


def test_a_geometric_mean_has_the_interval_of_its_logarithms():
    value, (low, high) = networks.geometric_mean_of([1.0, 2.0, 4.0])
    assert value == pytest.approx(2)
    # Logarithms 0, 1, 2 in units of log 2: deviation 1, and t = 4.3027 with two degrees.
    reach = 4.302652729911275 / math.sqrt(3)
    assert (low, high) == pytest.approx((2 ** (1 - reach), 2 ** (1 + reach)))


def test_residuals_of_one_replica_are_taken_and_none_are_refused():
    kept = torch.ones(1, 4, 2)
    assert torch.equal(networks.residuals_of(SimpleNamespace(residuals=kept)), kept[0])
    with pytest.raises(ValueError, match="kept no residuals: train with keep_residuals=True"):
        networks.residuals_of(SimpleNamespace(residuals=None))


def test_misfits_are_the_largest_of_any_method_at_any_angle():
    seen = {}
    for name in tails.METHODS:
        seen[name] = torch.tensor([[1.0, 2.0], [1.0, 1.0]], dtype=torch.float64)
        seen[f"{name} of H_0"] = seen[name].clone()
    last = list(tails.METHODS)[-1]
    seen[last] = torch.tensor([[1.1, 2.0], [1.0, 0.75]], dtype=torch.float64)
    assert tails._misfits(seen) == [0.1, 0.25]


def test_deviations_are_told_over_moves_but_for_heavy_ball():
    lost = {
        "gradient_descent": [tails.Lost(-0.2, 0.4), tails.Lost(0.3, 0.1)],
        "nesterov": [tails.Lost(0.1, 0.5), tails.Lost(-0.4, 0.8)],
        "heavy_ball": [tails.Lost(-0.01, 0.5), tails.Lost(0.02, 0.8)],
    }
    found = tails._over_moves(lost)
    assert found == {
        "move": [0.4, 0.1],
        "gradient_descent": pytest.approx([0.5, 3.0]),
        "nesterov": pytest.approx([0.2, 0.5]),
        "heavy_ball": pytest.approx([0.01, 0.02]),
    }


def test_gains_count_a_run_that_does_not_arrive_with_all_its_steps():
    steps = torch.tensor([[[100.0], [50.0], [25.0]], [[math.inf], [40.0], [math.inf]]])
    run = SimpleNamespace(
        steps_to=lambda accuracy: steps if accuracy == 0.1 else None, shaped=lambda values: values
    )
    descent, ball = real.gains(run, 0.1)
    assert descent.tolist() == [[4.0], [1.0]]
    assert ball.tolist() == [[2.0], [40 / real.EPOCHS]]


def test_the_mean_over_widths_and_data_is_geometric(monkeypatch):
    # Of two data sets, two widths and two draws; the gain is 4 once and 1 otherwise.
    few = real.ACCURACIES[-1]

    def gains(run, accuracy):
        fast = torch.ones(2, 2, dtype=torch.float64)
        fast[0, 0] = 16.0 if (run, accuracy) == ("b", few) else 1.0
        fast[:, 1] = 3.0
        ball = torch.tensor([[1.1, 1.0], [1.0, 0.5]], dtype=torch.float64)
        return fast, ball if accuracy == few else 9 * ball

    monkeypatch.setattr(real, "gains", gains)
    found = real._compared({"a": "a", "b": "b"})
    assert found["speed_up"] == pytest.approx([1.0, 3.0])
    assert found["ball_over_nesterov"] == pytest.approx([1.1, 0.5])


def test_what_is_seen_is_named_and_fitted_draw_by_draw():
    sizes = torch.tensor(widths.WIDTHS, dtype=torch.float64)
    powers = torch.tensor([[-0.5, -0.6, -0.4], [-0.3, -0.5, -0.5]], dtype=torch.float64)
    seen = [[(size**row).expand(len(widths.WHAT), 3) for size in sizes] for row in powers]
    named = widths._named(seen)
    assert list(named) == list(widths.WHAT)
    first = named[widths.WHAT[0]]
    assert first.shape == (2, 3, len(sizes))
    assert widths._exponents(first[0]) == pytest.approx(powers[0].tolist())
    found = widths._farthest(named, widths.WHAT[:1])[widths.WHAT[0]]
    assert [abs(one + 0.5) for one in found] == pytest.approx([0.1, 0.2])
