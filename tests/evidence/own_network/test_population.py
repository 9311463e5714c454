"""The stored table, against records measured again, and its file."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.evidence.own_network import population, stored
from rootkappa.evidence.own_network.networks import NETWORKS, SEEDS

# Kinds that train in a second or two, one drawn at each run of the tests.
CHEAP = sorted(
    (name, seed) for name in NETWORKS for seed in SEEDS if "400x1 c10" in name or "made" in name
)
CHEAP = [key for key in CHEAP if not key[0].startswith(("gru", "att", "mlp tanh 64", "mlp gelu"))]


def test_the_table_holds_the_population():
    table = stored()
    keys = set(zip(table["network"].tolist(), table["seed"].astype(int).tolist(), strict=True))
    assert keys == {(name, seed) for name in NETWORKS for seed in SEEDS}
    assert len(NETWORKS) == 77
    assert table.notes["torch"].startswith("2.13")


def test_a_stored_row_is_measured_again():
    network, seed = CHEAP[np.random.default_rng().integers(len(CHEAP))]
    table = stored()
    row = table.where((table["network"] == network) & (table["seed"] == seed))
    afresh = population.read(population.as_json([population.record(network, seed)], {}))
    assert set(afresh.columns) == set(table.columns)
    for name in ("kappa", "drift", "top", "headroom"):
        assert afresh[name][0] == pytest.approx(row[name][0], rel=1e-6), (network, seed, name)
    for name in population.METHODS:
        for count in (f"told {name}", f"steps {name}", f"exactly told {name}"):
            there, here = row[count][0], afresh[count][0]
            near = np.isnan(there) == np.isnan(here) and not abs(there - here) > 0.02 * there + 1
            assert near, (network, seed, count, here, there)


def test_records_survive_their_file():
    rows = [{"network": "b", "seed": 0, "x": None}, {"network": "a", "seed": 0, "x": 1 / 3}]
    table = population.read(population.as_json(rows, {"what": "two"}))
    assert table["network"].tolist() == ["a", "b"]
    assert table["x"][0] == pytest.approx(1 / 3, rel=1e-8)
    assert math.isnan(table["x"][1])
