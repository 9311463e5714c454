"""What forecasts are worth, against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.evidence import measure
from rootkappa.evidence.own_network import forecasts, population
from tests.evidence.own_network.by_hand import made


def test_a_bound_is_counted_by_hand():
    table = made(
        told_gradient_descent=[100.0, 100.0, 5000.0, 100.0],
        steps_gradient_descent=[90.0, np.nan, np.nan, 100.0],
        steps_heavy_ball=[30.0, 20.0, 20.0, np.nan],
        steps_nesterov=[45.0, 40.0, 20.0, np.nan],
        gain=[3.0, 5.0, 9.0, 4.0],
    )
    assert forecasts.excess(table).tolist() == [1.0, math.inf, 0.0]
    found, names = forecasts.hits(table, "gradient descent")
    assert found.tolist() == [True, False, True]
    assert names.tolist() == ["n0", "n1", "n3"]


def test_ranks_are_correlated_by_hand():
    table = made(steps_heavy_ball=[5.0, 9.0, 7.0, 20.0, np.nan], x=[1.0, 3.0, 4.0, 8.0, 0.0])
    rank, (low, high) = forecasts.rank_correlation(table, "heavy ball", "x")
    assert rank == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert low < rank < high


def test_networks_that_miss_together_widen_the_interval():
    names = np.repeat([f"n{i}" for i in range(20)], 3)
    together = np.repeat(np.arange(20) < 17, 3)
    low, high = forecasts.of_other_networks(together, names)
    within = population.share(together).interval
    assert high - low > within[1] - within[0]


@pytest.mark.parametrize("name", ["forecast-descent", "forecast-momentum", "effective-kappa"])
def test_a_stored_claim_does_not_move(name, monkeypatch):
    before = measure(f"own-network/{name}").measured
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "2")
    assert measure(f"own-network/{name}").measured == before
