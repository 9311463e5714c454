"""A grid says before the first run what it cannot mean, and its chunks hold each run once."""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pytest
import torch

from rootkappa.sweeps import Grid
from tests.strangers import PLAIN, exchanged, places
from tests.sweeps.conftest import GRID


def changed(specification, path, value):
    *tables, last = path.split("/")
    place = specification
    for name in tables:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return specification


WRONG = {
    "axis of no table": ("axes/widht", [1], "axis widht names nothing: use one of"),
    "axis of no argument": ("axes/model.widht", [1], "model.widht names nothing, since DeepLinear"),
    "near argument": ("axes/model.widht", [1], "did you mean 'width'"),
    "axis of no option": ("axes/train.step", [1], "axis train.step names nothing: did you mean"),
    "axis of measure": ("axes/measure.tail", [True, False], "axis measure.tail names nothing"),
    "deep seed": ("axes/seed.weights", [1], "did you mean 'seed'"),
    "no draws": ("axes/seed", 0, "axis seed must be at least 1, got 0"),
    "half a draw": ("axes/seed", 1.5, "axis seed must be a whole number, got 1.5"),
    "a draw": ("axes/seed", True, "axis seed must be a whole number, got True"),
    "a value": ("axes/model.width", 16, "axis model.width must be a list of values, got 16"),
    "empty axis": ("axes/seed", [], "axis seed is empty, and so is the grid"),
    "empty table": ("axes/method", {}, "axis method is empty"),
    "twice": ("axes/seed", [1, 1], "axis seed has a label twice"),
    "mixed": ("axes/seed", [1, "two"], "axis seed mixes types"),
    "list as label": ("axes/model.width", [[1, 2]], "which is no label: give a table of values"),
    "words for a table": ("axes/method", ["tuned"], "axis method holds 'tuned', which is no table"),
    "no model": ("model", {"name": "DeepLinaer"}, "did you mean 'DeepLinear'"),
    "no name": ("data", {"d": 3}, "data.name is None"),
    "no argument": ("data/kapa", 3, "data.kapa names nothing, since gaussian takes"),
    "missing argument": ("model/depth", None, "DeepLinear needs model.depth: give it"),
    "method": ("axes/method/tuned/momentum", 0.9, "method.momentum names nothing"),
    "no data": ("data", {}, "DeepLinear needs data: give the table data."),
    "no steps": ("train", {}, "train.steps is missing"),
    "half a step": ("train/steps", 1.5, "train.steps must be a whole number, got 1.5"),
    "tolerance": ("train/tolerance", 2.0, "train.tolerance must lie in [0, 1), got 2.0"),
    "dtype": ("train/dtype", "float16", "unknown train.dtype 'float16'"),
    "option": ("train/batch", 3, "train.batch names nothing"),
    "accuracy": ("measure/steps_to", [3.0], "measure.steps_to must lie strictly between 0 and 1"),
    "accuracies": ("measure/steps_to", 0.1, "measure.steps_to must be a sequence, got 0.1"),
    "observer": ("measure/observers", ["drift"], "unknown observer 'drift'"),
    "one of two accuracies": ("measure/steps_to", [0.1, 0], "strictly between 0 and 1, got 0"),
    "words for accuracies": ("measure/steps_to", ["0.1"], "steps_to must be a number, got '0.1'"),
    "a lone observer": ("measure/observers", "displacement", "must be a sequence, got 'displaceme"),
    "switch": ("measure/kernel", 1, "measure.kernel must be true or false, got 1"),
    "measure": ("measure/tails", True, "measure.tails names nothing: did you mean 'tail'"),
    "top": ("axis", {}, "axis names nothing in a grid: did you mean 'axes'"),
    "table": ("axes", [1], "axes must be a table, got [1]"),
    "function": ("model/width", len, "the specification.model.width is <built-in function len>"),
    "none": ("axes/seed", [None], "axes.seed[0] is None, which is not plain data"),
    "nan": ("data/kappa", float("nan"), "data.kappa must be a finite number, got nan"),
    "key": ("data", {3: 4}, "the specification.data has the key 3, which is no word"),
    "chunk": ("chunk", 0, "chunk must be at least 1, got 0"),
    "half a chunk": ("chunk", 2.5, "chunk must be a whole number, got 2.5: round it."),
    "half a seed": ("seed", 0.5, "seed must be a whole number, got 0.5: round it."),
    "seed": ("seed", -1, "seed must be at least 0, got -1"),
}


@pytest.mark.parametrize(("path", "value", "message"), WRONG.values(), ids=WRONG)
def test_wrong_specifications(specification, path, value, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        Grid(changed(specification, path, value))


@pytest.mark.parametrize("given", [None, "sweep", [1, 2], 3])
def test_a_grid_is_a_table(given):
    with pytest.raises(TypeError, match="a grid is a table, got"):
        Grid(given)


def test_architectures_without_data():
    grid = {
        "model": {"name": "Quadratic", "eigenvalues": [1.0, 4.0]},
        "method": {"name": "optimal_nesterov"},
        "train": {"steps": 5},
    }
    assert len(Grid(grid)) == 1
    with pytest.raises(ValueError, match=r"Quadratic has no data: drop the table data\."):
        Grid({**grid, "data": {"name": "gaussian"}})


@pytest.mark.parametrize("kind", [np.array, tuple, torch.tensor], ids=["numpy", "tuple", "torch"])
def test_what_has_a_plain_form_is_taken(specification, kind):
    specification["axes"]["seed"] = kind([0, 1, 2, 3])
    specification["data"]["kappa"] = np.float64(9.0)
    found = Grid(specification)
    assert found.axes["seed"] == [0, 1, 2, 3]
    json.dumps(found.specification)


def test_what_is_left_out(specification):
    for name in ("measure", "chunk"):
        specification.pop(name)
    specification["train"] = {"steps": 5}
    specification["axes"] = {"seed": 300, "model.width": [8], "method": {}}
    method = {"name": "gradient_descent", "step_size": 0.1}
    specification["axes"]["method"] = {"a": method}
    grid = Grid(specification)
    assert (grid.specification["seed"], Grid({**specification, "seed": 0}).axes) == (0, grid.axes)
    assert grid.specification["train"] == {"steps": 5, "tolerance": 0.0, "dtype": "float64"}
    told = dict.fromkeys(("effective", "kernel", "frozen", "tail"), False)
    assert grid.specification["measure"] == {"steps_to": [], "observers": [], **told}
    assert [len(chunk) for chunk in grid.chunks] == [256, 44]


def test_a_number_of_draws(specification):
    specification["axes"]["seed"] = 4
    assert Grid(specification).axes["seed"] == [0, 1, 2, 3]


TOML = """
[data]
name = "sphere"
[model]
name = "TwoLayerReLU"
[method]
name = "heavy_ball"
step_size = 0.5
[train]
steps = 10
[axes]
seed = [0, 1]
"model.width" = [16]
"method.momentum" = [0.5, 1]
"""


def test_toml(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(TOML)
    grid = Grid.read(path)
    assert len(grid) == 4
    assert grid.axes["method.momentum"] == [0.5, 1.0]
    path.write_text("[data\n")
    with pytest.raises(ValueError, match=r"sweep\.toml is not TOML"):
        Grid.read(path)


# The values of arguments are looked at when a run is made; all else, before the first run.
ARGUMENTS = re.compile(r"(data|model)\.(?!name)\w+|axes\.method\.\w+\.(?!name)\w+")
# What may stand there: an accuracy in (0, 1), no observers, a switch, labels of any kind.
MEANT = {
    ("train", "tolerance", "half"),
    ("measure", "table"),
    ("measure", "steps_to", "list"),
    ("measure", "kernel", "true"),
    ("measure", "observers", "list"),
    ("axes", "model.width", "list of words"),
    ("axes", "seed", "list of words"),
}
ENTRIES = [place for place in places(GRID) if not ARGUMENTS.fullmatch(".".join(place))]


@pytest.mark.parametrize("place", ENTRIES, ids=".".join)
@pytest.mark.parametrize("stranger", PLAIN)
def test_every_entry_that_cannot_be_is_refused_in_one_sentence(place, stranger):
    if (*place, stranger) in MEANT:
        assert len(Grid(exchanged(GRID, place, PLAIN[stranger]))) > 0
        return
    with pytest.raises((TypeError, ValueError), match=r"(?s)^[^\n]+: [^\n]+\.$"):
        Grid(exchanged(GRID, place, PLAIN[stranger]))


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([2, 1], [2, 1]),
        ([0.5, 0.25], [0.5, 0.25]),
        ([False, True], [False, True]),
        (range(2, 5), [2, 3, 4]),
    ],
)
def test_labels_keep_their_order_and_are_of_one_type(specification, labels, wanted):
    specification["axes"] = {"model.width": labels}
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    found = Grid(specification).axes["model.width"]
    assert found == wanted
    assert {type(label) for label in found} == {type(wanted[0])}


def test_what_was_given_is_left_alone(specification):
    before = copy.deepcopy(specification)
    specification["axes"]["seed"] = before["axes"]["seed"] = 4
    assert len(Grid(specification).chunks) == 8
    assert specification == before


def test_a_grid_is_as_long_as_its_axes_say_and_a_chunk_as_its_runs(specification):
    grid = Grid(specification)
    assert len(grid) == sum(map(len, grid.chunks)) == 2 * 3 * 4
    assert grid.chunks is grid.chunks
    del specification["axes"]
    specification["model"]["width"] = 16
    specification["method"] = {"name": "optimal_heavy_ball"}
    lone = Grid(specification)
    assert (len(lone), lone.axes, [len(chunk) for chunk in lone.chunks]) == (1, {}, [1])
    assert lone.chunks[0].specification["runs"] == {}


VARIED = {
    "an argument": ({"data.kapa": [3]}, "data.kapa names nothing, since gaussian takes"),
    "one of two names": ({"data.name": ["gaussian", "gausian"]}, "did you mean 'gaussian'"),
    "one of two tables": ({"model": {"a": {}, "b": {"wide": 3}}}, "model.wide names nothing, sinc"),
    "a table of none": (
        {"train": {"a": {"steps": 3}}},
        "axis train names nothing: did you mean 'train",
    ),
    "steps": ({"train.steps": [10, 0]}, "train.steps must be at least 1, got 0"),
    "tolerances": ({"train.tolerance": [0.1, 1.0]}, "train.tolerance must lie in [0, 1), got 1.0"),
    "dtypes": (
        {"train.dtype": ["float64", "half"]},
        "unknown train.dtype 'half': choose one of fl",
    ),
    "data for one of two": (
        {"model": {"a": {}, "b": {"name": "Quadratic", "eigenvalues": [1.0]}}},
        "model.depth names nothing, since Quadratic takes eigenvalues",
    ),
    "truth and number": ({"seed": [True, 2]}, "axis seed mixes types in [True, 2]: use one."),
    "a word": (
        {"method": "tuned"},
        "axis method must be a list of values, got 'tuned': give [...]",
    ),
    "a table as label": ({"data.n": [{"a": 1}]}, "axis data.n holds {'a': 1}, which is no label"),
    "a path through a number": (
        {"model.depth.x": [1]},
        "depth.x lies in depth, which is 2 and no t",
    ),
    "a path through a choice": (
        {"data.name": ["gaussian"], "data.name.x": [1]},
        "name.x lies in name, which is 'gaussian' and no table: vary name itself.",
    ),
    "a path through nothing": ({"model.a.b": [1]}, "model.a names nothing, since DeepLinear takes"),
    "numbers for tables": (
        {"model": [1, 2]},
        "axis model holds 1, which is no table: vary model.n",
    ),
}


@pytest.mark.parametrize(("axes", "message"), VARIED.values(), ids=VARIED)
def test_every_variant_is_checked_before_the_first_run(specification, axes, message):
    specification["axes"] = {"model.width": [8], **axes}
    specification.setdefault("method", {"name": "gradient_descent", "step_size": 0.1})
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        Grid(specification)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        Grid.read(tmp_path / "sweep.toml")
    (tmp_path / "sweep.toml").write_text("[data]\nkapa = 3\n")
    with pytest.raises(ValueError, match=r"^data\.name is None: "):
        Grid.read(str(tmp_path / "sweep.toml"))


def test_a_forecast_to_an_accuracy_may_be_asked_for(specification):
    specification["measure"] = {"frozen": True, "steps_to": [0.1]}
    found = Grid(specification)
    assert found.specification["measure"]["frozen"] is True
    # The axes stand in the specification already.
    assert repr(found).count("axes") == 1
