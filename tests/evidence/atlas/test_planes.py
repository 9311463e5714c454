"""How planes are laid out, and what is kept of their records."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.evidence.atlas import planes
from rootkappa.sweeps import Table


@pytest.mark.parametrize(("few", "steps", "momenta"), [(True, 8, 8), (False, 20, 14)])
def test_a_plane_has_every_step_with_every_momentum(few, steps, momenta):
    grid = planes.specification("two-layer ReLU", "made", 64, [2, 5], few)
    methods = grid["axes"]["method"]
    assert len(methods) == 2 * steps * momenta == grid["chunk"]
    for label, method in methods.items():
        family, step, beta = label.split()
        assert method == {
            "name": family,
            "relative_step_size": float(step),
            "momentum": float(beta),
        }
    assert grid["axes"]["seed"] == [2, 5]
    assert (grid["data"]["name"], grid["model"]["width"]) == ("sphere", 64)
    assert grid["train"] == {"steps": 256, "tolerance": 1e-4}


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("deep linear", {"width": 32}),
        ("linear ResNet", {"width": 256, "input_scale": 32.0, "output_scale": 32.0}),
        ("deep ReLU", {"widths": [32, 32]}),
        ("deep ReLU, hidden layers held", {"widths": [32, 32], "frozen": [0, 1]}),
    ],
)
def test_the_number_of_a_kind_enters_its_architecture(kind, number):
    table = planes.KINDS[kind].of(32)
    assert {name: table[name] for name in number} == number
    assert table["name"] == planes.KINDS[kind].model["name"]


def test_labels_of_records_become_columns():
    told = {"seed": [3, 4], "status": ["RUNNING"] * 2, "rate": [0.1, 0.2]}
    columns = told | {"method": ["nesterov 0.5 0.95", "heavy_ball 2.25 0"], "frozen_rate": [7, 8]}
    table = planes.tidy(Table({name: np.array(of) for name, of in columns.items()}, {"a": "b"}))
    assert table["family"].tolist() == ["nesterov", "heavy_ball"]
    assert table["step_size"].tolist() == [0.5, 2.25]
    assert table["momentum"].tolist() == [0.95, 0.0]
    assert table["forecast"].tolist() == [7, 8]
    assert {name: table[name].tolist() for name in told} == told
    assert table.notes == {"a": "b"}
    parted = planes.of_families(table)
    assert {family: one["seed"].tolist() for family, one in parted.items()} == {
        "heavy_ball": [4],
        "nesterov": [3],
    }


def test_a_plane_is_run_once_for_each_shift(monkeypatch):
    asked = []

    def run(grid):
        asked.append(grid["axes"]["seed"])
        methods = list(grid["axes"]["method"])
        size = len(methods)
        return Table(
            {
                "method": np.array(methods),
                **dict.fromkeys(("seed", "status", "rate", "frozen_rate"), np.zeros(size)),
            }
        )

    monkeypatch.setattr(planes, "swept", run)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "made for this test")
    first = planes.plane("one layer", "made", 256, range(901, 903))
    again = planes.plane("one layer", "made", 256, [901, 902])
    assert asked == [(901, 902)]
    assert len(first["nesterov"]) == len(again["heavy_ball"]) == 64
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "another made for this test")
    planes.plane("one layer", "made", 256, [901, 902])
    assert len(asked) == 2
    planes._run.cache_clear()
