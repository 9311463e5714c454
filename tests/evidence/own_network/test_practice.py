"""What laziness costs and buys, against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.evidence.own_network import practice, stored
from rootkappa.ledger import Binomial
from tests.evidence.own_network.by_hand import made


def test_pairs_differ_in_their_scale_alone():
    table = stored()
    one, ten = practice.pairs(table, 10)
    same, other = practice.pairs(table, 1)
    assert [n.replace(" c1 ", " c10 ") for n in one["network"]] == ten["network"].tolist()
    assert one["seed"].tolist() == ten["seed"].tolist()
    assert same["network"].tolist() == other["network"].tolist() == one["network"].tolist()
    assert not (same["seed"] == other["seed"]).any()


def test_outcomes_by_hand():
    table = made(
        steps_heavy_ball=[10.0, 50.0, np.nan, np.nan],
        steps_nesterov=[20.0, 46.0, np.nan, 7.0],
        best_of_ten=[12.0, 45.0, 30.0, np.nan],
    )
    assert practice.outcomes(table) == {"wins": 2, "ties": 1, "losses": 1}


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (10.0, 11.0, "ties"),
        (10.0, 11.1, "wins"),
        (11.0, 10.0, "ties"),
        (11.1, 10.0, "losses"),
        (10.0, np.nan, "wins"),
        (np.nan, 10.0, "losses"),
        (np.nan, np.nan, "ties"),
    ],
)
def test_a_tenth_decides_and_so_does_arriving_at_all(ours, theirs, outcome):
    table = made(steps_heavy_ball=[ours], steps_nesterov=[np.nan], best_of_ten=[theirs])
    assert practice.outcomes(table) == {"wins": 0, "ties": 0, "losses": 0} | {outcome: 1}


NAMED = {
    "network": ["mlp c1 x", "mlp c10 x", "mlp c1 x", "mlp c10 x", "gru c1 y", "ntk x", "mlp c10 z"],
    "seed": [0, 0, 1, 1, 0, 0, 1],
}


def test_partners_have_the_same_seed_at_another_scale_or_the_next_at_the_same():
    table = made(**NAMED, x=[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    # The second network has no partner at scale 10, and the others have no scale 1.
    one, ten = practice.pairs(table, 10)
    assert (one["x"].tolist(), ten["x"].tolist()) == ([0.0, 2.0], [1.0, 3.0])
    same, other = practice.pairs(table, 1)
    assert (same["x"].tolist(), other["x"].tolist()) == ([0.0, 2.0], [2.0, 0.0])


def test_a_miss_is_a_logarithm_and_counts_a_run_that_never_arrived_as_long():
    table = made(told_nesterov=[100.0, 100.0, 300.0], steps_nesterov=[200.0, 50.0, np.nan])
    found = practice.miss(table, "nesterov")
    assert found.tolist() == pytest.approx([math.log(2), math.log(2), math.log(10)])


def test_scales_are_compared_by_what_the_kernel_moves_and_heavy_ball_misses(monkeypatch):
    table = made(
        network=["mlp c1 x", "mlp c10 x", "mlp c1 x"],
        seed=[0, 0, 1],
        moved=[0.5, 0.05, 1.0],
        told_heavy_ball=[100.0, 100.0, 100.0],
        steps_heavy_ball=[400.0, 200.0, 100.0],
    )
    monkeypatch.setattr(practice, "stored", lambda: table)
    found = practice.output_scale()
    assert found.measured["moved"] == pytest.approx([0.1])
    assert found.measured["miss"] == pytest.approx([-math.log(2)])
    assert found.control.measured["moved"] == pytest.approx([2.0, 0.5])
    assert found.control.measured["miss"] == pytest.approx([-math.log(4), math.log(4)])


def test_networks_at_the_edge_are_counted_among_those_that_grow_twofold(monkeypatch):
    table = made(
        top=[2.0, 3.0, 2.5, 2.5, 1.9, 1.0],
        last_sharpness_gradient_descent=[1.8, 2.2, 1.79, 2.21, 2.0, 0.5],
    )
    monkeypatch.setattr(practice, "stored", lambda: table)
    found = practice.edge_of_stability()
    assert found.measured["share"] == Binomial(2, 4)
    assert found.control.measured["share"] == Binomial(1, 2)


def test_wins_are_counted_among_decided_runs_where_theory_speaks(monkeypatch):
    table = made(
        standing=["theory speaks"] * 3 + ["theory is silent"] * 2 + ["in between"],
        steps_heavy_ball=[1.0, 9.0, 5.0, 9.0, 9.0, 1.0],
        steps_nesterov=[9.0, 1.0, 5.0, 9.0, 1.0, 1.0],
        best_of_ten=[2.0, 2.0, 5.0, 1.0, 2.0, 9.0],
    )
    monkeypatch.setattr(practice, "stored", lambda: table)
    found = practice.best_of_ten()
    assert found.measured["wins"] == Binomial(2, 2)
    assert found.control.measured["wins"] == Binomial(1, 2)
    assert found.shown["speaks"] == {"wins": 2, "ties": 1, "losses": 0}
    assert found.shown["silent"] == {"wins": 1, "ties": 0, "losses": 1}
