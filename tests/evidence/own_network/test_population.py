"""The stored table, against records measured again, and its file."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from rootkappa.evidence.own_network import population, stored
from rootkappa.evidence.own_network.networks import NETWORKS, SEEDS
from rootkappa.ledger import Binomial
from tests.evidence.own_network.by_hand import made

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


class Counted(nn.Module):
    """x to w x with w = 1, which counts how often it is asked: also its copies."""

    asked = 0

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(1, 1, dtype=torch.float64))

    def forward(self, x):
        Counted.asked += 1
        return x @ self.w


ONE = torch.ones(1, 1, dtype=torch.float64)


@pytest.mark.parametrize(
    ("goal", "most", "steps"),
    [(0.01, 100, 4), (0.01, 5, 4), (0.01, 4, None), (0.25, 100, 2), (2.0, 1, 0), (0.0, 30, None)],
    ids=[
        "arrives",
        "just in time",
        "a step too late",
        "not at the goal itself",
        "at once",
        "never",
    ],
)
def test_a_run_is_counted_until_its_loss_lies_below_the_goal(goal, most, steps):
    # With lr = 1/4 the weight halves at each step, and the loss is exactly 4^-t.
    module = Counted()
    assert population.train(module, ONE, 0 * ONE, goal, most, lr=0.25) == steps
    assert float(module.w.detach()) == 1.0


def test_a_run_that_diverges_is_given_up():
    # The weight is multiplied by -2: 4^7 is the first loss above ten thousand.
    Counted.asked = 0
    assert population.train(Counted(), ONE, 0 * ONE, 0.1, 500, lr=1.5) is None
    assert Counted.asked == 8
    Counted.asked = 0
    assert population.train(Counted(), ONE, 0 * ONE, 0.1, 500, lr=math.inf) is None
    assert Counted.asked == 2


def test_the_best_of_ten_is_the_fewest_of_plain_loops(monkeypatch):
    def loop(rate):
        w, v = 1.0, 0.0
        for t in range(200):
            if w * w < 0.05:
                return t
            if not w * w < 1e4:
                return math.inf
            v = 0.9 * v + 2 * w
            w -= rate * v
        return math.inf

    monkeypatch.setattr(population, "MOST", 200)
    rates = [10 ** (-4 + 0.5 * i) for i in range(10)]
    assert population.best_of_ten(Counted(), ONE, 0 * ONE, 0.05) == min(map(loop, rates))
    monkeypatch.setattr(population, "MOST", 3)
    assert population.best_of_ten(Counted(), ONE, 0 * ONE, 1e-9) is None


def test_steps_over_their_forecast_by_hand():
    table = made(
        told_nesterov=[100.0, 2400.0, 2401.0, 50.0, np.nan],
        steps_nesterov=[150.0, np.nan, 2000.0, 40.0, 7.0],
    )
    np.testing.assert_array_equal(table.ratio("nesterov"), [1.5, np.inf, np.nan, 0.8, np.nan])


def test_the_better_of_two_momenta_is_taken_and_gradient_descent_is_not():
    table = made(
        steps_gradient_descent=[1.0, 1.0, 1.0, 1.0],
        steps_heavy_ball=[5.0, 9.0, np.nan, np.nan],
        steps_nesterov=[7.0, 6.0, 8.0, np.nan],
    )
    assert table.fewest.tolist() == [5.0, 6.0, 8.0, math.inf]


def test_records_are_chosen_with_their_notes_and_by_what_the_report_says():
    table = made(standing=["theory speaks", "in between", "theory is silent"], x=[1.0, 2.0, 3.0])
    assert table.speaks.tolist() == [True, False, False]
    assert table.silent.tolist() == [False, False, True]
    some = population.Population(table.columns, {"what": "made"}).where(~table.speaks)
    assert (len(some), some["x"].tolist(), some.notes) == (2, [2.0, 3.0], {"what": "made"})
    assert population.share(table.speaks) == Binomial(1, 3)


def test_a_diagnosis_becomes_plain_numbers():
    report = {
        "parameters": 12,
        "floor": 0.1,
        "products": 7,
        "gain": 3.0,
        "standing": "theory speaks",
        "effective_kappa": 40.0,
        "critical_batch": 8.0,
        "forecasts": {"gradient descent": {"headroom": 1.5}, "nesterov": {"headroom": 9.0}},
        "laziness": {
            "drift": 0.2,
            "top": 1.7,
            "output_gap": 0.3,
            "excursions": {"gradient descent": 0.1, "nesterov": 0.6},
        },
    }
    assert population.flat(report) == {
        "parameters": 12,
        "floor": 0.1,
        "products": 7,
        "gain": 3.0,
        "standing": "theory speaks",
        "effective kappa": 40.0,
        "critical batch": 8.0,
        "headroom": 1.5,
        "drift": 0.2,
        "moved": 0.6,
        "top": 1.7,
        "output gap": 0.3,
    }
    report["laziness"]["drift"] = 0.7
    assert population.flat(report)["moved"] == 0.7


def test_a_file_is_sorted_by_seed_and_network_and_has_nine_digits():
    rows = [
        {"seed": 1, "network": "a", "x": 2.0},
        {"seed": 0, "network": "b", "x": None},
        {"seed": 0, "network": "a", "x": 0.12345678949},
    ]
    text = population.as_json(rows, {})
    assert text.splitlines() == [
        '{"notes":{},',
        '"columns":{',
        '"network":["a","b","a"],',
        '"seed":[0,0,1],',
        '"x":[0.123456789,null,2.0]}}',
    ]
    by_name = population.read(population.as_json(rows, {}, ("network", "seed")))
    assert by_name["network"].tolist() == ["a", "a", "b"]
    assert by_name["seed"].tolist() == [0, 1, 0]
