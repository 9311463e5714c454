"""The command line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rootkappa import draws, ledger, sweeps
from rootkappa.__main__ import main

GRID = """
chunk = 2
[data]
name = "gaussian"
n = 12
[model]
name = "DeepLinear"
depth = 2
[method]
name = "optimal_heavy_ball"
[train]
steps = 300
tolerance = 1e-6
[axes]
"model.width" = [32, %d]
seed = [0, 1]
"""


@pytest.fixture
def grid(tmp_path):
    pytest.importorskip("pyarrow")

    def write(width):
        path = tmp_path / "grid.toml"
        path.write_text(GRID % width)
        return str(path)

    return write


def test_sweep(grid, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert main(["sweep", grid(64), "--store", store]) == 0
    assert capsys.readouterr().out == f"4 records in {store}: 4 CONVERGED\n"
    assert sweeps.read(store).missing == 0
    assert main(["sweep", grid(64), "--store", store]) == 0


def test_a_failing_chunk_is_named(grid, tmp_path, capsys):
    assert main(["sweep", grid(-64), "--store", str(tmp_path / "store")]) == 1
    seen = capsys.readouterr()
    assert "2 records in" in seen.out
    assert seen.err.startswith("failed: ValueError: width must be at least 1, got -64")
    assert "'model.width': [-64, -64]" in seen.err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["nothing.toml"], "No such file or directory: 'nothing.toml'"),
        (["GRID", "--workers", "0"], "number of processes must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_begun(grid, tmp_path, capsys, more, message):
    path = grid(64)
    words = [path if word == "GRID" else word for word in more]
    assert main(["sweep", *words, "--store", str(tmp_path / "store")]) == 2
    assert message in capsys.readouterr().err


def test_claims_are_listed_with_their_published_verdicts(capsys):
    book = ledger.published()
    assert main(["claims"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*book.claims]
    assert main(["claims", "--chapter", "quadratics", "--verdict", "tight"]) == 0
    kept = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert kept == [
        name
        for name in book.claims
        if name.startswith("quadratics/") and book.verdict(name) == "tight"
    ]


@pytest.mark.parametrize("name", ["verdict", "paper", "chapter"])
def test_an_unknown_filter_is_answered_with_the_known_ones(name, capsys):
    assert main(["claims", f"--{name}", "none-such"]) == 2
    said = capsys.readouterr().err
    assert f"no claim has the {name} 'none-such': use one of " in said


def test_a_claim_is_measured_on_other_draws(capsys):
    assert main(["claim", "quadratics/hb-power-constant", "--draws", "21", "--shift", "7"]) == 0
    said = capsys.readouterr().out
    assert "21 of 21" in said
    assert said.endswith("as here\n")
    assert draws.SHIFT_VARIABLE not in os.environ


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["quadratics/gd-radios"], "there is no claim 'quadratics/gd-radios': did you mean"),
        (["quadratics/gd-radius", "--draws", "3"], "20"),
        (["quadratics/gd-radius", "--draws", "0"], "draws must be at least 1, got 0"),
        (["quadratics/gd-radius", "--shift", "-1"], "shift must be at least 0, got -1"),
    ],
    ids=str,
)
def test_a_claim_that_cannot_be_measured(words, message, capsys):
    assert main(["claim", *words]) == 2
    assert message in capsys.readouterr().err


def test_environment(capsys):
    assert main(["environment"]) == 0
    assert "torch: " in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["swepe"], ["sweep", "grid.toml"]], ids=str)
def test_usage(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "usage: rootkappa" in capsys.readouterr().err


@pytest.mark.slow
def test_two_workers_as_a_module(grid, tmp_path):
    command = [sys.executable, "-m", "rootkappa", "sweep", grid(64), "--workers", "2"]
    store = tmp_path / "store"
    done = subprocess.run([*command, "--store", store], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert sweeps.read(store).table.to_bytes() == sweeps.run(grid(64)).table.to_bytes()
