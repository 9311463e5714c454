"""What laziness costs and buys, against counts by hand."""

from __future__ import annotations

import numpy as np

from rootkappa.evidence.own_network import practice, stored
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
