"""The chunks of a grid: each run is in one, and what is one problem stays together."""

from __future__ import annotations

import itertools
import json

import pytest

from rootkappa.sweeps import Grid


def runs(grid):
    found = [chunk.specification["runs"] for chunk in grid.chunks]
    return [labels for columns in found for labels in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("size", [1, 3, 4, 7, 24, 100])
def test_each_run_is_in_one_chunk(specification, size):
    grid = Grid({**specification, "chunk": size})
    assert sorted(runs(grid)) == sorted(itertools.product(*grid.axes.values()))
    assert max(map(len, grid.chunks)) <= size


def test_runs_on_one_problem_share_a_chunk(specification):
    # Data are drawn anew for each seed, so that three methods are a problem.
    grid = Grid({**specification, "chunk": 3})
    for chunk in grid.chunks:
        assert len(set(chunk.specification["runs"]["seed"])) == 1
    held = Grid({**specification, "data": {**specification["data"], "seed": 7}, "chunk": 12})
    assert [set(chunk.specification["runs"]["model.width"]) for chunk in held.chunks] == [
        {16},
        {32},
    ]


def test_more_labels_of_the_first_axis_keep_the_earlier_chunks(specification):
    before = [chunk.specification for chunk in Grid(specification).chunks]
    specification["axes"]["model.width"].append(64)
    assert [chunk.specification for chunk in Grid(specification).chunks][: len(before)] == before


def test_a_chunk_is_plain_data_and_names_what_its_labels_stand_for(specification):
    for chunk in Grid(specification).chunks:
        plain = json.loads(json.dumps(chunk.specification))
        assert plain == chunk.specification
        assert set(plain["choices"]["method"]) == set(plain["runs"]["method"])


def sizes(specification, size):
    return [len(chunk) for chunk in Grid({**specification, "chunk": size}).chunks]


def test_problems_that_are_larger_than_a_chunk_are_cut_and_small_ones_are_put_together(
    specification,
):
    # Three methods are a problem where data are drawn for each seed: 8 problems of 3 runs.
    assert sizes(specification, 3) == [3] * 8
    assert sizes(specification, 2) == [2, 1] * 8
    assert sizes(specification, 7) == [6] * 4
    # Data that are held: 2 problems of 12 runs.
    specification["data"]["seed"] = 1
    assert sizes(specification, 12) == [12, 12]
    assert sizes(specification, 5) == [5, 5, 2] * 2
    assert sizes(specification, 23) == [12, 12]


def test_an_architecture_that_is_drawn_for_each_seed_is_another_problem():
    grid = {
        "model": {"name": "AdditiveModel", "first": [2.0, 1.0], "second": 0.5, "d": 2},
        "method": {"name": "gradient_descent", "step_size": 0.1},
        "train": {"steps": 5},
        "axes": {"method.step_size": [0.1, 0.2], "seed": range(3)},
    }
    for chunk in Grid({**grid, "chunk": 2}).chunks:
        assert len(set(chunk.specification["runs"]["seed"])) == 1
    grid["model"]["seed"] = 4
    assert [chunk.specification["runs"]["seed"] for chunk in Grid({**grid, "chunk": 3}).chunks] == [
        [0, 1, 2]
    ] * 2


def test_a_chunk_names_no_more_choices_than_it_has(specification):
    specification["axes"]["seed"] = [0]
    specification["axes"]["model.width"] = {"narrow": 16, "wide": 32}
    first, *_, last = Grid({**specification, "chunk": 2}).chunks
    assert first.specification["choices"]["model.width"] == {"narrow": 16}
    assert list(first.specification["choices"]["method"]) == ["tuned", "half"]
    assert list(last.specification["choices"]["method"]) == ["wild"]
    assert last.specification["runs"] == {"model.width": ["wide"], "method": ["wild"], "seed": [0]}
