"""The stored population: it is what the library computes, and the map of the site is made of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason='needs pip install "rootkappa[sweep]"')

from rootkappa.evidence import atlas, atlas_store
from rootkappa.sweeps import Table

ROOT = Path(__file__).parents[2]
STORE = ROOT / "book" / "data" / "atlas.parquet"
MAP = ROOT / "book" / "_static" / "data" / "atlas.json"
# The widest ReLU networks take too long for a test.
CHEAP = [
    cell for cell in atlas_store.cells() if cell[0].startswith(("deep l", "one")) or cell[2] <= 64
]


@pytest.fixture(scope="module")
def whole():
    return Table.read(STORE)


def test_it_is_complete_and_small(whole):
    wanted = sum(draws for *_, draws in atlas_store.cells())
    methods = sum(len(steps) for steps in atlas.STEP_SIZES.values()) * len(atlas.MOMENTA)
    assert len(whole) == wanted * methods >= 200_000
    assert STORE.stat().st_size < 3e6
    assert MAP.stat().st_size < 2e4
    assert {"planes", "library", "environment"} <= set(whole.notes)


@pytest.mark.parametrize("block", range(3))
def test_a_random_block_is_computed_again(whole, block):
    choose = random.Random(block)
    kind, data, value, draws = choose.choice(CHEAP)
    seed = choose.randrange(draws)
    grid = atlas.specification(kind, data, value, [seed])
    methods = grid["axes"]["method"]
    chosen = dict(choose.sample(sorted(methods.items()), 60))
    grid["axes"]["method"] = chosen
    ours = atlas.tidy(atlas.swept(grid))
    theirs = {
        (row["family"], row["step_size"], row["momentum"]): row
        for row in whole.where(kind=kind, data=data, value=value, seed=seed)
    }
    same = 0
    for row in atlas_store.rounded(ours):
        stored = theirs[row["family"], row["step_size"], row["momentum"]]
        if row["forecast"] > 0:
            assert stored["forecast"] == pytest.approx(row["forecast"], rel=2e-3)
        # Beyond the limit a run may depend on the last digit of its processor.
        same += stored["status"] == row["status"] and bool(
            np.isclose(stored["rate"], row["rate"], rtol=2e-3, equal_nan=True)
        )
    assert same >= 0.9 * len(ours), (kind, data, value, seed)


def test_planes_are_read_and_refused(whole):
    planes = atlas_store.stored(STORE)
    tables = planes("deep linear", "made", 64, range(3))
    assert {name: len(table) for name, table in tables.items()} == {
        "heavy_ball": 840,
        "nesterov": 840,
    }
    with pytest.raises(ValueError, match="holds 8 draws of two-layer ReLU, made, 16, and 20"):
        planes("two-layer ReLU", "made", 16, range(20))


def test_under_a_shift_planes_are_measured_afresh(monkeypatch):
    planes = atlas_store.stored(STORE)
    assert atlas_store.unless_shifted(planes) is planes
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "2")
    assert atlas_store.unless_shifted(planes) is atlas.plane


def test_a_plane_is_laid_out_by_momentum_and_step():
    table = Table(
        {
            "momentum": np.array([0.5, 0.5, 0.0, 0.5]),
            "step_size": np.array([1.0, 2.0, 1.0, 1.0]),
        }
    )
    found = atlas_store.grid_of(table, np.array([1.0, 5.0, 7.0, 2.0]))
    np.testing.assert_array_equal(found, [[7.0, np.nan], [1.5, 5.0]])


def test_points_are_averaged_as_one_says_and_runs_without_a_number_are_left_out():
    table = Table(
        {"momentum": np.array([0.5] * 3 + [0.0]), "step_size": np.array([1.0] * 3 + [2.0])}
    )
    values = np.array([1.0, 2.0, 6.0, np.nan])
    found = atlas_store.grid_of(table, values, np.mean)
    np.testing.assert_array_equal(found, [[np.nan, np.nan], [3.0, np.nan]])
    mixed = atlas_store.grid_of(table, np.array([4.0, np.nan, 6.0, 1.0]))
    np.testing.assert_array_equal(mixed, [[np.nan, 1.0], [5.0, np.nan]])


def test_a_word_has_a_letter_a_rate():
    ratio, least = 1.053, 0.009
    rates = np.array([[0.0, -1.0, 1e-9, least], [least * ratio, least * ratio**5, 1e9, 1e3]])
    # The letters go on from # to ~, and leave out & and what HTML and JSON escape.
    assert atlas_store._word(rates) == "!!##$)~~"


def test_records_are_labelled_in_front_of_their_columns():
    found = atlas_store.labelled("deep linear", "made", 64, Table({"seed": np.array([3, 4])}))
    assert list(found.columns) == ["kind", "data", "value", "seed"]
    assert [column.tolist() for column in found.columns.values()] == [
        ["deep linear"] * 2,
        ["made"] * 2,
        [64, 64],
        [3, 4],
    ]


def test_notes_say_what_was_drawn_and_leave_the_records_alone():
    table = Table({"seed": np.array([3, 4])}, {"old": "note"})
    found = atlas_store.with_notes(table)
    assert found["seed"].tolist() == [3, 4]
    planes = [tuple(plane) for plane in json.loads(found.notes["planes"])]
    assert planes == list(atlas_store.cells())
    assert json.loads(found.notes["specification of the first"])["axes"]["seed"] == [0]
    assert "torch" in json.loads(found.notes["environment"])


def test_the_map_shows_networks_drawn_eight_times_and_the_widest_of_the_digits():
    shown = list(atlas_store._on_the_map())
    assert ("two-layer ReLU", "made", 256) in shown
    assert ("two-layer ReLU", "made", 1024) not in shown  # three draws
    assert [value for kind, data, value in shown if (kind, data) == ("deep linear", "digits")] == [
        1024
    ]
    assert not any(kind == "one layer" for kind, _, _ in shown)


def test_four_digits_are_kept():
    table = Table(
        {
            "rate": np.array([0.123456, -12.3456, 0.0, np.nan]),
            "forecast": np.ones(4),
        }
    )
    short = atlas_store.rounded(table)
    np.testing.assert_allclose(short["rate"], [0.1235, -12.35, 0.0, np.nan])


def test_the_map_of_the_site_is_made_of_it(whole):
    assert MAP.read_text(encoding="utf-8") == atlas_store.compact(whole)


def test_letters_stand_for_rates(whole):
    content = json.loads(MAP.read_text(encoding="utf-8"))
    table = whole.where(kind="deep linear", data="made", value=64, family="nesterov")
    plane = next(of for of in content["planes"] if of["name"] == "deep linear, made, width 64")
    assert plane["draws"] == 20
    for word, what in zip(plane["nesterov"], ("rate", "forecast"), strict=True):
        rates = atlas_store.grid_of(table, table[what]).ravel()
        read = np.array([content["letters"].find(letter) for letter in word])
        assert ((read < 0) == (rates <= 0)).all()
        known = rates > content["least"]
        told = content["least"] * content["ratio"] ** read[known]
        np.testing.assert_allclose(told, rates[known], rtol=0.027)
