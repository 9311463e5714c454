"""Peers solve the same problem; what is published is what was stored. No time is asserted."""

from __future__ import annotations

import dataclasses
import json
from importlib.util import find_spec

import pytest
import torch

from benchmarks import report
from benchmarks.cases import CASES, TINY
from benchmarks.compare import disagreement
from benchmarks.peers import NAMES, peer

NEEDS = {"jax_scan": "jax"}


def losses(name, problem):
    return peer(name).prepare(problem)()


@pytest.mark.parametrize("name", NAMES)
def test_every_peer_gives_the_same_losses(name):
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed: it comes with the extra bench")
    problem = TINY.problem()
    found = losses(name, problem)
    assert found.shape == (3, 11)
    assert disagreement(losses("ours", problem), found) <= 1e-9


def test_another_momentum_is_another_problem():
    problem = TINY.problem()
    other = dataclasses.replace(problem, momenta=[beta + 1e-6 for beta in problem.momenta])
    with pytest.raises(ValueError, match=r"losses differ by .* did not solve the same problem"):
        disagreement(losses("torch_vmap", problem), losses("torch_loop", other))
    with pytest.raises(ValueError, match="losses differ by nan"):
        disagreement(torch.ones(2, 3), torch.full((2, 3), torch.nan))


def test_the_readme_shows_what_was_stored():
    page = report.README.read_text(encoding="utf-8")
    assert page == report.with_table(page, report.load())


def test_the_stored_results_cover_every_case_once_a_number_of_threads():
    rows = report.load()["rows"]
    counts = sorted({row["threads"] for row in rows})
    assert [(row["case"], row["threads"]) for row in rows] == [
        (case.name, threads) for case in CASES for threads in counts
    ]
    for row in rows:
        assert row["repeats"] >= 5
        assert max(found["disagreement"] for found in row["peers"].values()) <= 1e-9


def test_an_interrupted_store_leaves_the_earlier_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    report.store(path, "1")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        report.store(path, "2")
    assert json.loads(path.read_text(encoding="utf-8")) == 1
