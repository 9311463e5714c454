"""Peers solve the same problem; what is published is what was stored. No time is asserted."""

from __future__ import annotations

import argparse
import dataclasses
import json
from functools import cache
from importlib.util import find_spec

import pytest
import torch

from benchmarks import report, starts, worker
from benchmarks.cases import CASES, TINY
from benchmarks.compare import disagreement
from benchmarks.peers import NAMES, peer
from rootkappa.training import train
from rootkappa.training._programs import operations
from rootkappa.training.engines import WORTH

NEEDS = {"jax_scan": "jax"}


@cache
def ours(name):
    (case,) = (case for case in TINY if case.name == name)
    return losses("ours", case.problem())


def losses(name, problem):
    return peer(name).prepare(problem)()


@pytest.mark.parametrize("case", TINY, ids=lambda case: case.name)
@pytest.mark.parametrize("name", NAMES)
def test_every_peer_gives_the_same_losses(name, case):
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed: it comes with the extra bench")
    if name == "reduced" and case.reduce is None:
        pytest.skip("this network has no narrow form")
    found = losses(name, case.problem())
    assert found.shape == (case.runs, case.steps + 1)
    assert disagreement(ours(case.name), found) <= 1e-9


def test_peers_train_the_layers_that_the_library_trains():
    for case in TINY:
        problem = case.problem()
        done = train(problem.model, problem.methods, problem.weights, 3, progress=False)
        for start, end in zip(problem.weights, done.weights, strict=True):
            moves = any(start.equal(layer) for layer in problem.trained)
            assert moves != start.equal(end)
    assert [len(case.problem().constants) for case in TINY] == [0, 2, 1, 1, 0]


@pytest.mark.parametrize("name", ["torch_loop", "torch_vmap", "jax_scan"])
def test_constants_belong_to_their_run_and_stay(name):
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed: it comes with the extra bench")
    case = next(case for case in TINY if case.name.startswith("two-layer"))
    problem = case.problem()
    before = [constant.clone() for constant in problem.constants]
    found = losses(name, problem)
    assert all(map(torch.equal, before, problem.constants))
    swapped = dataclasses.replace(problem, constants=[-constant for constant in problem.constants])
    with pytest.raises(ValueError, match="did not solve the same problem"):
        disagreement(found, losses(name, swapped))


def test_the_reduced_residual_network_has_the_same_losses_and_outputs():
    case = next(case for case in TINY if case.sample is not None)
    problem = dataclasses.replace(case.problem(), steps=case.compared_steps)
    found = [losses(name, problem) for name in ("torch_loop", "reduced")]
    assert disagreement(*found, case.reduced_within) <= 1e-12
    narrow, start = problem.reduce(problem.model, problem.weights)
    outputs = [
        model.predict(train(model, problem.methods, weights, problem.steps, progress=False).weights)
        for model, weights in ((problem.model, problem.weights), (narrow, start))
    ]
    assert (outputs[0] - outputs[1]).abs().max() <= 1e-12 * outputs[0].abs().max()
    for width in case.widths:
        sampled, weights = case.sample(width)
        assert sampled.width == narrow.width
        assert len(weights[0]) == case.runs


def test_a_wide_network_is_drawn_without_its_weights():
    case = next(case for case in TINY if case.reduce and case.name.startswith("two-layer"))
    for width in case.widths:
        model, neurons = case.sample(width)
        done = case.simulator(model, case.problem().methods, neurons, case.steps)
        whole = train(model, case.problem().methods, neurons.draw(model), case.steps)
        assert disagreement(whole.losses, done.losses) <= 1e-9


def test_a_row_and_its_table_say_what_is_special(monkeypatch):
    case = next(case for case in TINY if case.sample is not None)
    case = dataclasses.replace(case, left_out={"torch_vmap": "it is slow", "jax_scan": "so is it"})
    monkeypatch.setattr("benchmarks.cases.CASES", (case,))
    monkeypatch.setattr(worker, "limit", lambda threads: None)
    monkeypatch.setattr(worker, "SHORTEST", 0.0)
    monkeypatch.setattr(worker, "PRODUCT", 10)
    row = worker.ratios(case.name, 1, 1)
    assert list(row["peers"]) == ["ours", "reduced", "torch_loop"]
    assert row["exact reduction"]["steps"] == 20
    assert list(row["widths"]) == ["8", "100000000"]
    for found in row["peers"].values():
        found["memory"] = {"before": 0.0, "peak": 2.0**20}
    assert "left out: torch_vmap, it is slow" in report.text(row)
    table = report.markdown(report.collect([row], report.stamp([1], 1)))
    assert "| left out | left out |" in table
    assert "vmap is left out, it is slow." in table
    assert "all in one run, started 20" in table
    assert "Faster than the library: " in table
    assert "drawn in reduced form, 20 steps take " in table
    assert "ms at m = 8, " in table
    assert "ms at m = 1e8 (1 thread)." in table
    assert "`Dataset.reduced`" in table


def test_a_row_behind_a_peer_is_named_with_what_was_tried():
    peers = {name: {"ratio": ratio} for name, ratio in (("ours", 1.0), ("jax_scan", 0.71))}
    row = {"case": "a sweep", "threads": 2, "peers": peers, "tried": "blocks"}
    (first, *_) = report._notes([row])
    assert first == "Faster than the library: JAX on a sweep with 2 threads, 0.71 × (blocks)."
    peers["jax_scan"]["ratio"] = 1.2
    assert report._notes([row])[0] == "Faster than the library: none."


def test_a_kernel_takes_the_steps_wherever_there_is_one(monkeypatch):
    for case in CASES:
        model = case.architecture(case.data)
        work = case.runs * case.steps * operations(model)
        assert work >= WORTH or (work == 0 and "ResNet" in case.name)
    monkeypatch.delenv("ROOTKAPPA_ENGINE", raising=False)
    problem = TINY[0].problem()
    assert worker.engine(problem) == "torch"
    assert worker.engine(dataclasses.replace(problem, steps=10**8)) == "compiled"


def test_a_start_compiles_first_and_loads_then(monkeypatch):
    said = iter(["0.3 2.0"] + [f"0.{n} 0.2" for n in range(1, 6)])
    monkeypatch.setattr(
        starts.subprocess, "run", lambda *_, **__: argparse.Namespace(stdout=next(said))
    )
    assert starts.start("DeepReLU") == {"numba, s": 0.3, "compiled, s": 2.0, "loaded, s": 0.2}


def test_another_momentum_is_another_problem():
    problem = TINY[0].problem()
    other = dataclasses.replace(problem, momenta=[beta + 1e-6 for beta in problem.momenta])
    with pytest.raises(ValueError, match=r"losses differ by .* did not solve the same problem"):
        disagreement(losses("torch_vmap", problem), losses("torch_loop", other))
    with pytest.raises(ValueError, match="losses differ by nan"):
        disagreement(torch.ones(2, 3), torch.full((2, 3), torch.nan))


def test_the_readme_shows_what_was_stored():
    page = report.README.read_text(encoding="utf-8")
    assert page == report.with_table(page, report.load())


def test_the_stored_results_cover_every_case():
    assert {row["case"] for row in report.load()["rows"]} == {case.name for case in CASES}


def test_the_stored_results_have_a_case_once_a_number_of_threads():
    stored = report.load()
    rows = stored["rows"]
    there = {row["case"] for row in rows}
    names = [case.name for case in CASES if case.name in there]
    counts = sorted({row["threads"] for row in rows})
    assert [(row["case"], row["threads"]) for row in rows] == [
        (name, threads) for name in names for threads in counts
    ]
    assert stored["run"]["threads"] == counts
    for row in rows:
        assert row["repeats"] >= 5
        assert max(found["disagreement"] for found in row["peers"].values()) <= 1e-9
        exact = row.get("exact reduction") or {"disagreement with the SGD loop": 0.0}
        (case,) = (case for case in CASES if case.name == row["case"])
        assert exact["disagreement with the SGD loop"] <= case.reduced_within


def test_an_interrupted_store_leaves_the_earlier_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    report.store(path, "1")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        report.store(path, "2")
    assert json.loads(path.read_text(encoding="utf-8")) == 1
