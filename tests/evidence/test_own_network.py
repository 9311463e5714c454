"""What the chapter on any network measures, against plain loops, counts by hand, and other rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import draws
from rootkappa.evidence import measure
from rootkappa.evidence.own_network import batches, forecasts, population, practice, stored
from rootkappa.evidence.own_network.networks import NETWORKS, SEEDS, build

# Kinds that train in a second or two, one drawn at each run of the tests.
CHEAP = sorted(
    (name, seed) for name in NETWORKS for seed in SEEDS if "400x1 c10" in name or "made" in name
)
CHEAP = [key for key in CHEAP if not key[0].startswith(("gru", "att", "mlp tanh 64", "mlp gelu"))]
FROM_TABLE = (
    *("forecast-descent", "forecast-momentum", "effective-kappa"),
    *("edge-of-stability", "best-of-ten", "output-scale"),
)


def test_the_table_holds_the_population():
    table = stored()
    keys = set(zip(table["network"].tolist(), table["seed"].astype(int).tolist(), strict=True))
    assert keys == {(name, seed) for name in NETWORKS for seed in SEEDS}
    assert len(NETWORKS) == 77
    assert table.notes["torch"].startswith("2.11")


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


def test_weights_and_data_move_with_no_shift(monkeypatch):
    module, X, _ = build("ntk relu 400 made", 1)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    state = torch.random.get_rng_state()
    again, other, _ = build("ntk relu 400 made", 1)
    assert torch.equal(X, other)
    assert torch.equal(module.A, again.A)
    assert torch.equal(state, torch.random.get_rng_state())


def test_records_survive_their_file():
    rows = [{"network": "b", "seed": 0, "x": None}, {"network": "a", "seed": 0, "x": 1 / 3}]
    table = population.read(population.as_json(rows, {"what": "two"}))
    assert table["network"].tolist() == ["a", "b"]
    assert table["x"][0] == pytest.approx(1 / 3, rel=1e-8)
    assert math.isnan(table["x"][1])


def made(**columns):
    """A population by hand."""
    size = len(next(iter(columns.values())))
    every = {"network": [f"n{i}" for i in range(size)], "seed": [0] * size}
    given = {name.replace("_", " "): values for name, values in columns.items()}
    return population.Population({k: np.array(v) for k, v in (every | given).items()}, {})


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


def test_stacked_batches_are_those_of_torch():
    found = batches.drawn(3)
    for batch in (10, batches.SAMPLES):
        counts = batches.steps([batches.drawn(4), found], batch, [1, 2])[:, 1]
        shares = batches.SHARES if batch < batches.SAMPLES else (1.0,)
        for numbers, count in zip(found.numbers, counts.tolist(), strict=True):
            assert count == min(plain(found, numbers, share, batch) for share in shares)


def plain(found, numbers, share, batch):
    """Steps of one run by torch.optim.SGD."""
    module = batches.Small(*(weight.clone() for weight in found.weights))
    sgd = torch.optim.SGD(module.parameters(), lr=share * numbers[0], momentum=numbers[1])
    source, start = draws.generator(2), None
    for t in range(400):
        errors = (module(found.X) - found.Y).square()
        start = errors.mean() if start is None else start
        if errors.mean() < 0.01 * start:
            return t
        order = torch.rand(len(found.X), generator=source, dtype=torch.float64).argsort()
        sgd.zero_grad()
        errors[order[:batch]].mean().backward()
        sgd.step()
    return math.inf


@pytest.mark.parametrize("name", FROM_TABLE)
def test_a_stored_claim_does_not_move(name, monkeypatch):
    before = measure(f"own-network/{name}").measured
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "2")
    assert measure(f"own-network/{name}").measured == before


def test_small_batches_keep_less_than_all_samples():
    evidence = measure("own-network/batch-eats-gain", draws=2, first=5)
    assert max(evidence.measured["kept"]) < 0.5
    assert evidence.control.measured["kept"] == pytest.approx([1.0, 1.0])
