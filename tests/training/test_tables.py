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
