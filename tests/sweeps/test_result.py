"""What a sweep gives back, and what it says on the way; its chunks are computed by a stand-in."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rootkappa import sweeps
from rootkappa.sweeps import Grid, SweepWarning, Table, _engines, runner
from rootkappa.sweeps._library import library
from rootkappa.sweeps.chunk import Outcome
from rootkappa.sweeps.store import Store

NOTES = {"library": library()}


def stand_in(specification):
    """The labels of the runs beside a number that tells them apart; a width of 0 fails."""
    labels = {axis: np.array(values) for axis, values in specification["runs"].items()}
    widths = labels.get("model.width", np.array([1]))
    if 0 in widths:
        raise ArithmeticError("nothing to train")
    number = {"number": 10 * widths + labels.get("seed", 0)}
    return Outcome(Table(labels | number, NOTES), f"worker {widths[0]}")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(_engines, "compute", stand_in)


@pytest.fixture
def grid(specification):
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    return {**specification, "axes": {"model.width": [32, 8, 16], "seed": [3, 1]}, "chunk": 2}


def toml(grid):
    """The grid, one table a line: what JSON writes of values is TOML."""
    tables = ("data", "model", "method", "train", "measure", "axes")
    lines = [f"chunk = {grid['chunk']}"]
    for name in tables:
        lines += [f"[{name}]"]
        lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in grid[name].items()]
    return "\n".join(lines)


def test_records_stand_in_the_order_of_the_labels_that_were_given(grid):
    table = sweeps.run(grid).table
    assert table["model.width"].tolist() == [32, 32, 8, 8, 16, 16]
    assert table["seed"].tolist() == [3, 1] * 3
    assert table["number"].tolist() == [323, 321, 83, 81, 163, 161]
    assert table.notes == {}


def test_so_do_those_that_are_read(grid, tmp_path):
    sweeps.run(grid, store=tmp_path)
    found = sweeps.read(str(tmp_path))
    assert found.table["number"].tolist() == [323, 321, 83, 81, 163, 161]
    assert (found.library, found.missing) == (library(), 0)
    next(tmp_path.glob("*.parquet")).unlink()
    partly = sweeps.read(tmp_path)
    assert (partly.missing, len(partly.table)) == (2, 4)
    left = partly.table["number"].tolist()
    assert left == [number for number in found.table["number"].tolist() if number in left]


def test_a_grid_may_be_a_table_a_grid_or_a_file(grid, tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(toml(grid))
    wanted = sweeps.run(grid)
    for given in (Grid(grid), path, str(path)):
        found = sweeps.run(given)
        assert found.table.to_bytes() == wanted.table.to_bytes()
        assert found.specification == wanted.specification


@pytest.mark.parametrize(("axes", "runs"), [({}, 1), ({"seed": 7}, 7), ({"data.n": [3, 4]}, 2)])
def test_as_many_runs_are_missing_as_the_axes_have(grid, tmp_path, axes, runs):
    grid = Grid({**grid, "model": {"name": "DeepLinear", "width": 8, "depth": 2}, "axes": axes})
    Store.open(tmp_path, grid)
    assert (sweeps.read(tmp_path).missing, len(sweeps.read(tmp_path).table)) == (runs, 0)
    assert len(grid) == runs


def test_workers_are_counted_by_their_chunks(grid):
    grid["axes"]["seed"] = range(4)
    assert sweeps.run(grid).workers == {"worker 32": 2, "worker 8": 2, "worker 16": 2}


def test_chunks_that_fail_are_warned_of_where_the_sweep_was_asked_for(grid):
    grid["axes"]["model.width"] = [8, 0, 16]
    sentence = "ArithmeticError: nothing to train"
    with pytest.warns(SweepWarning) as caught:
        found = sweeps.run(grid)
    assert [warning.filename for warning in caught] == [__file__]
    assert str(caught[0].message) == (
        f"1 of 3 chunks failed, the first with {sentence} See the failures of the result for "
        "their specifications."
    )
    (failure,) = found.failures
    assert (failure.error, found.missing) == (sentence, 2)
    assert failure.specification["runs"] == {"model.width": [0, 0], "seed": [3, 1]}
    assert found.table["model.width"].tolist() == [8, 8, 16, 16]


def test_where_all_fail_there_is_a_result_without_records(grid):
    grid["axes"]["model.width"] = [0]
    with pytest.warns(SweepWarning, match="1 of 1 chunks failed"):
        found = sweeps.run(grid)
    assert (len(found.table), found.missing, found.workers) == (0, 2, {})


def test_records_of_another_version_are_neither_kept_nor_counted(grid, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "library", lambda: "0.0.9+ff")
    with pytest.warns(SweepWarning, match="install the same version there"):
        found = sweeps.run(grid, store=tmp_path)
    message = f"RuntimeError: the worker worker 32 has rootkappa {library()} and this is 0.0.9+ff"
    assert found.failures[0].error.startswith(message)
    assert (found.workers, list(tmp_path.glob("*.parquet"))) == ({}, [])


class Bar:
    """Stands for a progress bar, and keeps what it was told."""

    def __init__(self, total, initial, disable):
        self.total, self.initial, self.disable = total, initial, disable
        self.steps: list[int] = []
        self.made.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def update(self, runs):
        self.steps.append(runs)


@pytest.fixture
def bars(monkeypatch):
    monkeypatch.setattr(Bar, "made", [], raising=False)
    monkeypatch.setattr(runner, "tqdm", Bar)
    return Bar.made


def test_the_bar_counts_runs_and_begins_behind_those_that_are_stored(grid, tmp_path, bars):
    grid["axes"]["seed"] = range(5)
    sweeps.run(grid, store=tmp_path)
    assert (bars[0].total, bars[0].initial, sum(bars[0].steps)) == (15, 0, 15)
    assert set(bars[0].steps) <= {1, 2}
    next(tmp_path.glob("*.parquet")).unlink()
    sweeps.run(grid, store=tmp_path)
    assert (bars[1].total, bars[1].initial + sum(bars[1].steps)) == (15, 15)
    assert len(bars[1].steps) == 1


@pytest.mark.parametrize(("progress", "disable"), [(True, None), (False, True)])
def test_the_bar_is_for_terminals_and_can_be_switched_off(grid, bars, progress, disable):
    sweeps.run(grid, progress=progress)
    assert [bar.disable for bar in bars] == [disable]
