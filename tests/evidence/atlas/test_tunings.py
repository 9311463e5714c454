"""The tunings of the papers beside the best of planes that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.evidence.atlas import tunings
from rootkappa.sweeps import Table
from tests.evidence.atlas.by_hand import made


def test_the_worse_of_two_data_sets_counts_in_every_draw():
    def planes(kind, data, width, seeds):
        assert kind == "deep linear"
        # The best run is the second; the forecast prefers the first, the more so on digits.
        rates = [0.5, 1.0, 1.0, 1.0] if data == "digits" else [1.0, 1.0, 0.25, 1.0]
        forecast = [2.0, 1.0, 2.0, 1.0]
        both = {"seed": [0, 0, 1, 1], "momentum": [0.2, 0.5, 0.2, 0.9], "forecast": forecast}
        table = made(4, rate=[rate / width for rate in rates], step_size=0.5, **both)
        return {"heavy_ball": table, "nesterov": made(4, rate=1.0, step_size=0.5, **both)}

    found = tunings.best_tuning([0, 1], planes)
    assert found.measured["heavy_ball_loss"] == pytest.approx([2.0, 4.0])
    assert found.measured["heavy_ball_momentum"] == pytest.approx([0.3, 0.7])
    assert found.measured["nesterov_loss"] == pytest.approx([1.0, 1.0])
    assert found.control.measured.keys() == found.measured.keys()


def swept_by_hand(rates):
    """Give what a sweep returns, with forecasts of 1 and rates by label."""
    labels = [label for label in rates for _ in rates[label]]
    values = [rate for of in rates.values() for rate in of]
    return Table(
        {
            "method": np.array(labels),
            "seed": np.array([seed for of in rates.values() for seed in range(len(of))]),
            "rate": np.array(values),
            "frozen_rate": np.full(len(values), 2.0),
        }
    )


def test_a_papers_cost_is_the_best_rate_over_its_own(monkeypatch):
    asked = {}

    def run(grid):
        asked.update(grid)
        rates = {"gradient_descent": [0.5, 0.25], "heavy_ball": [1.0, 2.0], "nesterov": [1.0, 4.0]}
        return swept_by_hand(rates)

    def planes(kind, data, width, seeds):
        assert (kind, data, width, seeds) == ("deep linear", "made", 64, [0, 1])
        both = {"seed": [0, 0, 0, 1], "forecast": [3.0, 6.0, 99.0, 4.0]}
        # The third run of a plane is unstable, and the second alone has no momentum.
        flat = made(
            4, rate=[4.0, 1.0, 9.0, 8.0], momentum=[0.5, 0.0, 0.5, 0.0],
            step_size=[1.0, 1.0, 9.0, 1.0], **both,
        )  # fmt: skip
        return {"heavy_ball": flat, "nesterov": made(4, rate=[2.0, 1.0, 9.0, 8.0],
                step_size=[0.5, 0.5, 9.0, 0.5], **both)}  # fmt: skip

    monkeypatch.setattr(tunings, "swept", run)
    found = tunings._papers(64, [0, 1], planes)
    assert asked["data"]["kappa"] == 25.0
    assert asked["model"]["width"] == 64
    assert {name: of["name"] for name, of in asked["axes"]["method"].items()} == tunings.PAPERS
    assert found["gradient_descent"] == pytest.approx([2.0, 32.0])
    assert found["heavy_ball"] == pytest.approx([4.0, 4.0])
    assert found["nesterov"] == pytest.approx([2.0, 2.0])
    # Forecast are the best forecasts of the stable plane over 2: 3, and 2 in the other draw.
    assert found["heavy_ball_over_forecast"] == pytest.approx([4 / 3, 2.0])
    assert found["gradient_descent_over_forecast"] == pytest.approx([2 / 3, 16.0])


def test_a_wrong_condition_number_is_compared_with_the_right_one(monkeypatch):
    asked = {}

    def run(grid):
        asked.update(grid)
        return swept_by_hand(
            {
                "heavy_ball quarter": [2.0],
                "heavy_ball truth": [1.0],
                "heavy_ball fourfold": [0.5],
                "nesterov quarter": [4.0],
                "nesterov truth": [2.0],
                "nesterov fourfold": [0.5],
            }
        )

    monkeypatch.setattr(tunings, "swept", run)
    found = tunings.wrong_kappa([3])
    assert found.measured["heavy_ball_quarter"] == pytest.approx([0.5])
    assert found.measured["heavy_ball_fourfold"] == pytest.approx([2.0])
    assert found.measured["nesterov_quarter"] == pytest.approx([0.5])
    assert found.measured["nesterov_fourfold"] == pytest.approx([4.0])
    assert found.measured["nesterov_fourfold_over_forecast"] == pytest.approx([4.0])
    factors = {of["kappa_factor"] for of in asked["axes"]["method"].values()}
    assert (asked["data"]["kappa"], factors) == (64.0, {0.25, 1.0, 4.0})
    assert asked["model"]["width"] == 16  # the control comes last


def test_papers_are_judged_on_wide_networks_and_on_narrow_ones(monkeypatch):
    def papers(width, seeds, planes):
        return {"heavy_ball": [float(width), *map(float, seeds), planes]}

    monkeypatch.setattr(tunings, "_papers", papers)
    found = tunings.paper_tunings([3, 4], 0.5)
    assert found.measured == {"heavy_ball": [1024.0, 3.0, 4.0, 0.5]}
    assert found.control.measured == {"heavy_ball": [16.0, 3.0, 4.0, 0.5]}
