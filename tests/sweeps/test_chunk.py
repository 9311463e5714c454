"""A chunk against the same runs made by hand, one at a time."""

from __future__ import annotations

import copy
import os
import pickle
import platform

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, datasets, devices, optimizers, train
from rootkappa.dynamics.companion import spectral_radius
from rootkappa.problems import Spectrum
from rootkappa.sweeps import Grid, Table, compute
from rootkappa.sweeps import chunk as module
from rootkappa.sweeps._points import points


@pytest.fixture
def grid(specification):
    return Grid(specification)


def by_hand(point, accuracy):
    given = {key: value for key, value in point.data.items() if key != "name"}
    data = datasets.gaussian(**given)
    model = DeepLinear(data.X, data.Y, width=point.model["width"], depth=2)
    weights = model.initialise([point.seed])
    spectrum = Spectrum.of(model.tangent_kernel(weights)[0])
    method = {
        "optimal_heavy_ball": lambda: optimizers.optimal_heavy_ball(spectrum),
        "gradient_descent": lambda: optimizers.gradient_descent(0.5 / spectrum.lambda_max),
        "nesterov": lambda: optimizers.nesterov(100.0, 0.5),
    }[point.method["name"]]()
    run = train(model, method, weights, 200, tolerance=1e-8)
    last = int(run.stopped_at[0])
    moved = [(a - b).square().sum() for a, b in zip(run.weights, weights, strict=True)]
    return {
        "status": run.status[0].name,
        "stopped_at": last,
        "step_size": method.step_size,
        "initial_loss": float(run.losses[0, 0]),
        "final_loss": float(run.losses[0, last]),
        f"steps_to_{accuracy:g}": float(run.steps_to(accuracy)[0]),
        "lambda_min": spectrum.lambda_min,
        "frozen_factor": float(spectral_radius(method, spectrum.eigenvalues).max()),
        "displacement": float(torch.stack(moved).sum().sqrt()),
    }


def test_records_are_those_of_single_runs(grid):
    for chunk in grid.chunks:
        records = list(compute(chunk.specification).table)
        for point, record in zip(points(chunk.specification), records, strict=True):
            for name, wanted in by_hand(point, 1e-2).items():
                if record["status"] == "DIVERGED" and name in ("displacement", "final_loss"):
                    continue
                approx = isinstance(wanted, float)
                assert record[name] == (
                    pytest.approx(wanted, rel=1e-6, abs=1e-20) if approx else wanted
                )


def test_divergence_is_a_record(grid):
    table = Table.joined([compute(chunk.specification).table for chunk in grid.chunks])
    wild = table.where(method="wild")
    assert set(wild["status"]) == {"DIVERGED"}
    assert np.isnan(wild["displacement"]).all()
    assert np.isinf(wild["steps_to_0.01"]).all()


def test_a_chunk_is_pure(grid):
    first = grid.chunks[0].specification
    before = copy.deepcopy(first)
    one, two = compute(first), compute(pickle.loads(pickle.dumps(first)))
    assert first == before
    assert one.table.to_bytes() == two.table.to_bytes()
    assert set(one.table.notes) == {"specification", "library", "environment"}


def only(model, data):
    grid = {
        "data": data,
        "model": {"name": model, **SIZES[model]},
        "method": {"name": "gradient_descent", "relative_step_size": 0.5},
        "train": {"steps": 30},
        "axes": {"seed": [0, 1]},
    }
    return compute(Grid(grid).chunks[0].specification).table


SIZES = {
    "AdditiveModel": {"first": [2.0, 1.0], "second": 0.5, "d": 2},
    "DeepLinear": {"width": 8, "depth": 3},
    "DeepReLU": {"widths": [8, 8]},
    "LinearResNet": {"width": 32, "depth": 2},
    "Quadratic": {"eigenvalues": [1.0, 4.0]},
    "TwoLayerReLU": {"width": 64},
}


@pytest.mark.parametrize("model", SIZES)
def test_every_architecture_runs(model):
    data = {"name": "sphere", "d": 4, "n": 6}
    table = only(model, {} if model in ("AdditiveModel", "Quadratic") else data)
    assert (table["final_loss"] < table["initial_loss"]).all()
    assert len(set(table["initial_loss"])) == 2


def test_a_misled_tuning(specification):
    del specification["axes"]["method"]
    specification["method"] = {"name": "optimal_heavy_ball"}
    specification["axes"]["method.kappa_factor"] = [1.0, 4.0]
    specification["chunk"] = 100
    (chunk,) = Grid(specification).chunks
    table = compute(chunk.specification).table
    for factor in (1.0, 4.0):
        some = table.where({"method.kappa_factor": factor})
        kappa = factor * some["lambda_max"] / some["lambda_min"]
        root = np.sqrt(kappa)
        np.testing.assert_allclose(some["momentum"], ((root - 1) / (root + 1)) ** 2, rtol=1e-12)


def test_a_schedule_has_no_number(specification):
    specification["axes"]["method"] = {"nag": {"name": "nesterov", "relative_step_size": 1.0}}
    table = compute(Grid(specification).chunks[0].specification).table
    assert np.isnan(table["momentum"]).all()
    assert np.isnan(table["frozen_factor"]).all()


def test_float32(specification):
    specification["train"] |= {"dtype": "float32", "tolerance": 1e-4}
    table = compute(Grid(specification).chunks[0].specification).table
    assert table["final_loss"].dtype == np.float64
    assert set(table["status"]) <= {"CONVERGED", "DIVERGED"}


def test_reduced_data_take_the_same_steps(specification):
    specification["data"] |= {"reduce": True, "seed": 0}
    specification["train"]["tolerance"] = 0.0
    specification["axes"]["method"].pop("wild")
    reduced = compute(Grid(specification).chunks[0].specification).table
    specification["data"]["reduce"] = False
    full = compute(Grid(specification).chunks[0].specification).table
    # Labels are a linear map of the inputs here, so that nothing is lost.
    np.testing.assert_allclose(reduced["step_size"], full["step_size"], rtol=1e-9)


@pytest.mark.parametrize(("tail", "numbers"), [(False, 4), (True, 4 + 2 * 9)])
def test_as_many_runs_are_trained_together_as_their_record_allows(
    specification, monkeypatch, tail, numbers
):
    # A step of a run takes four numbers, and its residual of k n = 2 x 9 where that is kept.
    specification["data"]["seed"] = 0
    specification["train"] = {"steps": 9, "tolerance": 0.0}
    specification["measure"] = {"tail": tail}
    specification["axes"] = {"seed": range(7), "model.width": [16]}
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    sizes = []

    def counting(model, methods, *arguments, **options):
        sizes.append(len(methods))
        return train(model, methods, *arguments, **options)

    monkeypatch.setattr(module, "train", counting)
    specification["chunk"] = 7
    (chunk,) = Grid(specification).chunks
    for many, expected in ((3, [3, 3, 1]), (7, [7]), (0.1, [1] * 7)):
        monkeypatch.setattr(module, "_BYTES", int(many * 8 * numbers * 10))
        sizes.clear()
        assert len(compute(chunk.specification).table) == 7
        assert sizes == expected


def test_rows_stand_beside_their_labels(specification):
    # Seeds outside, so that the runs of one architecture do not stand together.
    specification["axes"] = {"seed": [0, 1, 2], "model.width": [8, 16]}
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    (chunk,) = Grid({**specification, "chunk": 6}).chunks
    losses = []
    for point in points(chunk.specification):
        data = datasets.gaussian(**{key: point.data[key] for key in point.data if key != "name"})
        model = DeepLinear(data.X, data.Y, point.model["width"], 2)
        losses.append(float(model.residual(model.initialise([point.seed])).square().sum() / 2))
    table = compute(chunk.specification).table
    assert table["model.width"].tolist() == [8, 16] * 3
    np.testing.assert_allclose(table["initial_loss"], losses, rtol=1e-12)


def test_fixed_maps_are_drawn_by_a_seed_of_their_own():
    data = {"name": "sphere", "d": 4, "n": 6, "seed": 3}
    model = {"name": "LinearResNet", "width": 32, "depth": 2}
    method = {"name": "gradient_descent", "step_size": 0.01}
    grid = Grid({"data": data, "model": model, "method": method, "train": {"steps": 1}})
    (chunk,) = grid.chunks
    (point,) = points(chunk.specification)
    given = datasets.sphere(d=4, n=6, seed=3)
    maps = [devices.seed(maps=point.seed)]
    by_hand = LinearResNet.gaussian(given.X, given.Y, 32, 2, maps)
    loss = float(by_hand.residual(by_hand.initialise([point.seed])).square().sum() / 2)
    assert compute(chunk.specification).table["initial_loss"].tolist() == pytest.approx([loss])


def test_a_worker_says_where_it_runs(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    here = module._worker()
    assert here == f"{platform.node()}, process {os.getpid()}"
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert module._worker() == f"SLURM job 17 on {here}"


@pytest.mark.parametrize(
    "model",
    [
        {"name": "DeepLinear", "width": 24, "depth": 3, "initialisation": "orthogonal"},
        {"name": "LinearResNet", "width": 24, "depth": 3},
    ],
)
def test_a_reduced_network_is_the_same_run(model):
    def table(**more):
        grid = {
            "data": {"name": "gaussian", "d": 4, "k": 2, "n": 9},
            "model": {**model, **more},
            "method": {"name": "nesterov", "relative_step_size": 0.7, "momentum": 0.8},
            "train": {"steps": 60},
            "measure": {"steps_to": [1e-2], "kernel": True, "frozen": True},
            "axes": {"seed": [0, 1]},
        }
        return compute(Grid(grid).chunks[0].specification).table

    whole, narrow = table(), table(reduce=True)
    for name in ("final_loss", "lambda_min", "rate", "frozen_rate"):
        np.testing.assert_allclose(narrow[name], whole[name], rtol=1e-7)


def test_a_forecast_needs_an_accuracy(specification):
    specification["measure"] = {"frozen": True}
    with pytest.raises(ValueError, match=r"measure\.frozen needs an accuracy"):
        Grid(specification)


def test_a_schedule_has_the_forecast_of_its_own_numbers():
    # On a quadratic the kernel stays, so that the forecast is the run.
    grid = {
        "model": {"name": "Quadratic", "eigenvalues": [0.1, 0.4, 1.0]},
        "train": {"steps": 80},
        "measure": {"steps_to": [1e-1, 1e-3], "frozen": True},
        "axes": {
            "method": {
                "schedule": {"name": "nesterov", "step_size": 0.9},
                "number": {"name": "nesterov", "step_size": 0.9, "momentum": 0.5},
            }
        },
    }
    for record in compute(Grid(grid).chunks[0].specification).table:
        assert record["frozen_rate"] == pytest.approx(record["rate"], rel=1e-9)
        for accuracy in ("0.1", "0.001"):
            assert record[f"frozen_steps_to_{accuracy}"] == record[f"steps_to_{accuracy}"] < 80


def test_a_chunk_in_float32_is_computed_there(specification, monkeypatch):
    seen = []

    def looking(model, methods, weights, *arguments, **options):
        seen.append({model.Y.dtype, *(layer.dtype for layer in weights)})
        return train(model, methods, weights, *arguments, **options)

    monkeypatch.setattr(module, "train", looking)
    specification["axes"] = {"model.width": [16], "train.dtype": ["float32", "float64"]}
    specification["method"] = {"name": "gradient_descent", "step_size": 0.1}
    specification["train"] = {"steps": 20}
    (chunk,) = Grid({**specification, "chunk": 2}).chunks
    table = compute(chunk.specification).table
    assert seen == [{torch.float32}, {torch.float64}]
    single, double = table["final_loss"].tolist()
    assert single != double
    assert single == pytest.approx(double, rel=1e-4)
