"""Runs of a chunk, and the seeds that follow from what they are."""

from __future__ import annotations

import re

import pytest

from rootkappa.sweeps import Grid
from rootkappa.sweeps._points import points, put


def all_points(specification):
    return [point for chunk in Grid(specification).chunks for point in points(chunk.specification)]


def by_labels(specification):
    found = {}
    for chunk in Grid(specification).chunks:
        runs = chunk.specification["runs"]
        labels = (tuple(row) for row in zip(*runs.values(), strict=True))
        found |= dict(zip(labels, points(chunk.specification), strict=True))
    return found


def test_axes_are_laid_over_the_tables(specification):
    found = by_labels(specification)
    assert found[32, "half", 2].model == {"name": "DeepLinear", "depth": 2, "width": 32}
    assert found[16, "half", 0].method["relative_step_size"] == 0.5


def test_a_deeper_axis_is_laid_over_a_table_of_another():
    sections = {"model": {"name": "a", "width": 1}}
    put(sections, "model", {"depth": 3})
    put(sections, "model.width", 2)
    assert sections["model"] == {"name": "a", "depth": 3, "width": 2}


def test_methods_share_draws_and_draws_differ(specification):
    found = by_labels(specification)
    assert found[16, "half", 0].seed == found[16, "wild", 0].seed
    assert found[16, "half", 0].data["seed"] == found[16, "wild", 0].data["seed"]
    assert len({point.seed for point in found.values()}) == 8
    # The data of a draw do not depend on the network that is trained on them.
    assert len({point.data["seed"] for point in found.values()}) == 4


def test_seeds_depend_on_nothing_but_the_run(specification):
    before = by_labels(specification)
    specification["axes"] = dict(reversed(specification["axes"].items()))
    specification["axes"]["seed"] = [3, 1]
    specification["train"]["steps"] = 3
    specification["chunk"] = 1
    for (seed, method, width), point in by_labels(specification).items():
        assert point.seed == before[width, method, seed].seed


def test_the_type_of_a_number_does_not_change_a_seed(specification):
    before = {point.seed for point in all_points(specification)}
    specification["axes"]["model.width"] = [16.0, 32.0]
    assert {point.seed for point in all_points(specification)} == before


def test_data_with_a_seed_are_held(specification):
    specification["data"]["seed"] = 5
    assert {point.data["seed"] for point in all_points(specification)} == {5}
    assert len({point.seed for point in all_points(specification)}) == 8


def test_data_that_are_not_drawn_get_no_seed(specification):
    specification["data"] = {"name": "digits", "form": "linear", "components": 3}
    assert "seed" not in all_points(specification)[0].data
    specification["data"]["n"] = 50
    assert len({point.data["seed"] for point in all_points(specification)}) == 4


def test_other_data_have_other_weights(specification):
    before = {point.seed for point in all_points(specification)}
    specification["data"]["kappa"] = 4.0
    assert not before & {point.seed for point in all_points(specification)}


def test_a_table_that_an_axis_lays_down_comes_before_what_another_changes_in_it(specification):
    specification["axes"] = {
        "model.width": [8, 16],
        "model": {"shallow": {"depth": 2, "width": 99}, "deep": {"depth": 3, "width": 99}},
    }
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    found = {(point.model["depth"], point.model["width"]) for point in all_points(specification)}
    assert found == {(2, 8), (2, 16), (3, 8), (3, 16)}


def test_runs_on_one_problem_differ_in_method_and_seed_alone(specification):
    specification["data"]["seed"] = 5
    found = by_labels(specification)
    assert found[16, "half", 0].problem == found[16, "wild", 3].problem
    assert len({point.problem for point in found.values()}) == 2
    assert found[16, "half", 0].problem != found[32, "half", 0].problem
    specification["axes"]["train.steps"] = [100, 200]
    found = by_labels(specification)
    assert found[16, "half", 0, 100].problem != found[16, "half", 0, 200].problem
    del specification["data"]["seed"]
    found = by_labels(specification)
    # Data that are drawn for each seed are other data.
    assert found[16, "half", 0, 100].problem != found[16, "half", 1, 100].problem


def test_a_reduced_run_is_the_same_draw(specification):
    before = {point.seed for point in all_points(specification)}
    specification["data"]["reduce"] = True
    specification["model"]["reduce"] = True
    found = all_points(specification)
    assert {point.seed for point in found} == before
    assert all(point.data["reduce"] and point.model["reduce"] for point in found)


def test_a_seed_of_the_grid_is_the_draw_where_no_axis_varies_it(specification):
    drawn = by_labels(specification)
    del specification["axes"]["seed"]
    specification["seed"] = 3
    for (width, method), point in by_labels(specification).items():
        assert point == drawn[width, method, 3]


def test_a_grid_without_axes_is_one_run(specification):
    specification["axes"], specification["model"]["width"] = {}, 16
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    (point,) = all_points(specification)
    assert point.method == specification["method"]
    assert point.train == {"steps": 200, "tolerance": 1e-8, "dtype": "float64"}


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("seed", 3, {"model": {"name": "a", "deep": {"er": 1}}, "seed": 3}),
        ("model", "word", {"model": "word", "seed": 0}),
        ("model", {}, {"model": {"name": "a", "deep": {"er": 1}}, "seed": 0}),
        ("model.deep.er", 2, {"model": {"name": "a", "deep": {"er": 2}}, "seed": 0}),
        ("model.deep", {"s": 2}, {"model": {"name": "a", "deep": {"er": 1, "s": 2}}, "seed": 0}),
        ("model.new", [1], {"model": {"name": "a", "deep": {"er": 1}, "new": [1]}, "seed": 0}),
        ("new", {"a": 1}, {"model": {"name": "a", "deep": {"er": 1}}, "seed": 0, "new": {"a": 1}}),
    ],
)
def test_a_value_is_put_where_its_path_says_and_shared_tables_stay(path, value, wanted):
    inner = {"er": 1}
    table = {"name": "a", "deep": inner}
    sections = {"model": table, "seed": 0}
    put(sections, path, value)
    assert sections == wanted
    assert (table, inner) == ({"name": "a", "deep": {"er": 1}}, {"er": 1})


@pytest.mark.parametrize("value", [3, "word", [1], None])
def test_a_path_through_what_is_no_table_is_refused(value):
    message = f"a.b lies in a, which is {value!r} and no table: vary a itself."
    with pytest.raises(ValueError, match=re.escape(message)):
        put({"model": {"a": value}}, "model.a.b", 1)
