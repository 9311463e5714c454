"""Tables: one row a replica; data frames where their packages are, one sentence where not."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import Quadratic, gradient_descent
from rootkappa.training import Snapshot, grid

MODEL = Quadratic.with_spectrum(torch.tensor([1.0], dtype=torch.float64))
WEIGHTS = [torch.tensor([[1.0], [0.0]], dtype=torch.float64)[..., None]]


@pytest.fixture(scope="module")
def run():
    methods = {"good": gradient_descent(0.5), "bad": gradient_descent(5.0)}
    return grid((MODEL, WEIGHTS), method=methods, seed=[7, 8]).train(
        64, observers={"moved": Snapshot.displacement}, observe_at=[0, 64], tolerance=1e-3
    )


def test_a_row_says_how_a_replica_ended(run):
    rows = run.records(0.5, 1e-3)
    assert [(row["method"], row["seed"]) for row in rows] == [
        ("good", 7),
        ("good", 8),
        ("bad", 7),
        ("bad", 8),
    ]
    first, optimal, lost, _ = rows
    assert first == {
        "method": "good",
        "seed": 7,
        "status": "CONVERGED",
        "stopped_at": 63,
        "residual_norm": 0.5**63,
        "steps_to_0.5": 2.0,
        "steps_to_0.001": 10.0,
    }
    assert (optimal["status"], optimal["stopped_at"], optimal["residual_norm"]) == (
        "CONVERGED",
        0,
        0,
    )
    assert (lost["status"], lost["steps_to_0.5"]) == ("DIVERGED", math.inf)


@pytest.mark.parametrize("scale", [1e-6, 3.0, 1e6])
def test_the_last_residual_is_relative_to_the_first(scale):
    # 0.5^63 of the start, whatever its size, and 0.9^63 beside it; 4^63 for what grows.
    methods = {"half": gradient_descent(0.5), "slow": gradient_descent(0.1)}
    start = [torch.full((1, 1, 1), scale).double()]
    rows = grid((MODEL, start), method=methods).train(63, tolerance=1e-3).records(1e-2)
    assert [row["residual_norm"] for row in rows] == pytest.approx([0.5**63, 0.9**63], rel=1e-12)
    assert [row["steps_to_0.01"] for row in rows] == [7, 44]


def test_a_data_frame_has_these_rows(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    assert run.to_pandas(0.5) == run.records(0.5)


def test_a_data_set_has_named_dimensions(run, monkeypatch):
    made = SimpleNamespace(Dataset=lambda arrays, coordinates: (arrays, coordinates))
    monkeypatch.setitem(sys.modules, "xarray", made)
    arrays, coordinates = run.to_xarray()
    for dims, values in arrays.values():
        assert len(dims) == values.ndim
        assert type(values) is np.ndarray
    assert arrays["residual_norm"][0] == ("method", "seed", "step")
    assert arrays["moved"][0] == ("method", "seed", "look")
    assert arrays["status"][1].tolist() == [["CONVERGED"] * 2, ["DIVERGED", "CONVERGED"]]
    assert arrays["stopped_at"][1][0].tolist() == [63, 0]
    assert coordinates["seed"].tolist() == [7, 8]
    assert coordinates["look"] == [0, 64]


def test_labels_that_are_tuples_stay_one_coordinate_each(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", SimpleNamespace(Dataset=lambda arrays, c: c))
    run = grid(MODEL, method=lambda s, case: gradient_descent(case[0]), case=[(0.1, 2), (0.2, 3)])
    assert run.train(1).to_xarray()["case"].shape == (2,)


@pytest.mark.parametrize("package", ["pandas", "xarray"])
def test_a_missing_package_gets_one_sentence(run, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        ImportError, match=rf"needs {package}, .* pip install {package}, or use .*rec"
    ):
        getattr(run, f"to_{package}")()


def test_the_real_packages_take_it(run):
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    frame = run.to_pandas(1e-3)
    assert isinstance(frame, pandas.DataFrame)
    assert frame.set_index(["method", "seed"]).loc[("good", 7), "steps_to_0.001"] == 10
    data = run.to_xarray()
    assert isinstance(data, xarray.Dataset)
    chosen = data.residual_norm.sel({"method": "good", "seed": 7})
    assert np.allclose(chosen[:4], [1.0, 0.5, 0.25, 0.125])


def test_without_accuracies_there_are_no_steps(run):
    assert list(run.records()[0]) == ["method", "seed", "status", "stopped_at", "residual_norm"]
    assert len(run.records()) == 4


def test_one_run_that_is_chosen_has_a_row_without_labels(run):
    (row,) = run.at(method="good", seed=7).records(0.25)
    assert row == {
        "status": "CONVERGED",
        "stopped_at": 63,
        "residual_norm": 0.5**63,
        "steps_to_0.25": 3.0,
    }


@pytest.mark.parametrize("accuracy", [0, -1.0, "0.1", None])
def test_an_accuracy_that_cannot_be_is_refused(run, accuracy):
    with pytest.raises((TypeError, ValueError), match=r"^accuracy must be a .*number.*, got "):
        run.records(0.5, accuracy)


def test_what_an_observer_saw_has_a_dimension_for_each_of_its_own(monkeypatch):
    made = SimpleNamespace(Dataset=lambda arrays, coordinates: (arrays, coordinates))
    monkeypatch.setitem(sys.modules, "xarray", made)
    looks = {"both": Snapshot.kernel_extremes, "cube": lambda now: now.weights[0].expand(-1, 3, 2)}
    found = grid(MODEL, method=gradient_descent(0.5), seed=range(2)).train(
        3, observers=looks, observe_at=[1]
    )
    arrays, coordinates = found.to_xarray()
    assert arrays["both"][0] == ("seed", "look", "both_0")
    assert arrays["cube"][0] == ("seed", "look", "cube_0", "cube_1")
    assert arrays["cube"][1].shape == (2, 1, 3, 2)
    for name in ("residual_norm", "lag1", "lag2"):
        own = found.residual_norms if name == "residual_norm" else getattr(found, name)
        np.testing.assert_array_equal(arrays[name][1], own.numpy())
    assert sorted(coordinates) == ["look", "seed"]


def test_without_observers_there_is_no_look(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", SimpleNamespace(Dataset=lambda arrays, c: c))
    found = grid(MODEL, method=gradient_descent(0.5), seed=[4]).train(3).to_xarray()
    assert {name: labels.tolist() for name, labels in found.items()} == {"seed": [4]}


def test_entries_of_a_row_are_of_python(run):
    for row in run.records(0.5):
        kinds = [type(entry) for entry in row.values()]
        assert kinds == [str, int, str, int, float, float]
