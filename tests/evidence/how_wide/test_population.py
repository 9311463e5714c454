"""What the stored widths hold, and how they are measured and laid out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rootkappa.evidence.how_wide import population
from rootkappa.evidence.how_wide.networks import Setting
from rootkappa.evidence.how_wide.thresholds import BOUND, OWN
from rootkappa.sweeps import Table


def test_no_setting_is_stored_twice_for_the_same_checks():
    found = list(population.cells())
    assert len(set(found)) == len(found)
    assert {checks for _, checks in found} == {OWN, BOUND}


def test_gradient_descent_is_stored_up_to_a_condition_number_that_it_can_wait_for():
    def largest(kind, method, checks):
        return max(
            setting.kappa
            for setting, each in population.cells()
            if (setting.kind, setting.method, each) == (kind, method, checks)
        )

    assert largest("orthogonal", "gradient_descent", OWN) == 256
    assert largest("gaussian", "gradient_descent", OWN) == 64
    assert largest("orthogonal", "nesterov", OWN) == 4096
    assert largest("gaussian", "gradient_descent", BOUND) == 64
    assert largest("gaussian", "nesterov", BOUND) == 4096


@pytest.mark.parametrize(
    ("axis", "field", "values"),
    [
        ("kappa", "kappa", population.RELU_KAPPAS),
        ("size", "size", population.RELU_SIZES),
        ("samples", "pairs", population.RELU_PAIRS),
        ("closer", "pairs", population.RELU_CLOSER),
        ("closer", "kappa", population.RELU_CLOSER),
        ("outputs", "outputs", population.RELU_OUTPUTS),
    ],
)
def test_one_thing_changes_along_an_axis_of_close_pairs(axis, field, values):
    settings = population.close_pairs(axis, "heavy_ball")
    assert [getattr(setting, field) for setting in settings] == list(values)
    assert {setting.method for setting in settings} == {"heavy_ball"}
    if axis in ("samples", "closer", "outputs"):
        assert {setting.size for setting in settings} == {population.RELU_SIZES[-1]}


def test_a_record_is_one_check_of_one_draw(monkeypatch):
    def thresholds(setting, checks, seeds):
        return {check: [100.0 * i + seed for seed in seeds] for i, check in enumerate(checks)}

    monkeypatch.setattr(population, "thresholds", thresholds)
    table = population.measured(Setting(kappa=9), ("tail", "path"), [3, 5])
    assert table["check"].tolist() == ["tail", "tail", "path", "path"]
    assert table["seed"].tolist() == [3, 5, 3, 5]
    assert table["width"].tolist() == [3.0, 5.0, 103.0, 105.0]
    assert table["kappa"].tolist() == [9] * 4
    noted = population.with_notes(table)
    assert noted["width"].tolist() == table["width"].tolist()
    assert "torch" in json.loads(noted.notes["environment"])


def test_a_search_finds_all_checks_at_once_and_anew_under_another_shift(monkeypatch):
    asked = []

    def thresholds(setting, checks, seeds):
        asked.append((checks, seeds))
        return {check: [float(len(check))] * len(seeds) for check in checks}

    monkeypatch.setattr(population, "thresholds", thresholds)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "made for this test")
    setting = Setting(kappa=9)
    assert population.afresh(setting, "tail", [1, 2]).tolist() == [4.0, 4.0]
    assert population.afresh(setting, "trains", [1, 2]).tolist() == [6.0, 6.0]
    assert asked == [(OWN, (1, 2))]
    assert population.afresh(setting, "bound", [1]).tolist() == [5.0]
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "another made for this test")
    population.afresh(setting, "tail", [1, 2])
    assert asked[1:] == [(BOUND, (1,)), (OWN, (1, 2))]
    population._found.cache_clear()


def test_under_a_shift_nothing_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "1")
    assert population.stored(tmp_path / "nowhere.parquet") is population.afresh


def test_stored_widths_come_in_the_order_of_the_seeds(monkeypatch):
    def read(path):
        table = population.measured(Setting(kappa=9), ("tail",), [3, 5, 8])
        return Table({**table.columns, "width": np.array([30.0, 50.0, np.inf])})

    monkeypatch.setattr(
        population, "thresholds", lambda setting, checks, seeds: {"tail": [0.0] * len(seeds)}
    )
    monkeypatch.setattr(population.Table, "read", read)
    widths = population.stored("anywhere")
    assert widths(Setting(kappa=9), "tail", [8, 3]).tolist() == [np.inf, 30.0]
    with pytest.raises(ValueError, match="the store has no draw 4 of tail"):
        widths(Setting(kappa=9), "tail", [3, 4])
