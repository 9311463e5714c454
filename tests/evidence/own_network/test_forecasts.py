"""What forecasts are worth, against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.evidence import measure
from rootkappa.evidence.own_network import forecasts, population
from rootkappa.evidence.own_network.networks import build
from rootkappa.ledger import Binomial
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


@pytest.mark.parametrize(
    ("steps", "hit"), [(75.0, True), (125.0, True), (74.0, False), (126.0, False), (np.nan, False)]
)
def test_a_quarter_more_or_less_is_still_a_hit(steps, hit):
    table = made(told_nesterov=[100.0], steps_nesterov=[steps])
    assert forecasts.within(table, "nesterov") == Binomial(int(hit), 1)


def test_a_network_more_does_not_count_and_a_lone_one_has_no_interval():
    # However often one network is drawn again, its share is its share.
    alone = np.array(["n"] * 8)
    found = forecasts.of_other_networks(np.arange(8) < 6, alone)
    assert found == pytest.approx((0.75, 0.75))
    # Of two networks of different sizes, one all right and one all wrong: 1, 4/6 or 0.
    names = np.array(["a"] * 4 + ["b"] * 2)
    low, high = forecasts.of_other_networks(np.arange(6) < 4, names)
    assert (low, high) == (0.0, 1.0)


def test_fishers_interval_counts_networks_and_not_their_seeds():
    # Ranks 1, 2, 3, 5, 4, 6: two neighbours are swapped.
    columns = {
        "steps_nesterov": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "x": [1.0, 2.0, 3.0, 5.0, 4.0, 6.0],
    }
    rank, (low, high) = forecasts.rank_correlation(made(**columns), "nesterov", "x")
    assert rank == pytest.approx(1 - 6 * 2 / (6 * 35))
    half = 1.96 * 1.03 / math.sqrt(3)
    assert (math.atanh(high) - math.atanh(low)) / 2 == pytest.approx(half)
    names = ["a", "b", "c", "d", "e", "e"]
    _, (lower, higher) = forecasts.rank_correlation(made(network=names, **columns), "nesterov", "x")
    assert lower < low < high < higher


def test_descent_is_split_by_its_drift_and_momentum_by_what_theory_says(monkeypatch):
    table = made(
        drift=[0.01, 0.0599, 0.06, 0.5],
        standing=["theory speaks", "in between", "theory speaks", "theory is silent"],
        told_gradient_descent=[100.0] * 4,
        steps_gradient_descent=[100.0, 110.0, 90.0, 200.0],
        told_heavy_ball=[40.0] * 4,
        steps_heavy_ball=[40.0, 10.0, 80.0, 40.0],
        told_nesterov=[50.0] * 4,
        steps_nesterov=[50.0, 10.0, 50.0, 200.0],
    )
    monkeypatch.setattr(forecasts, "stored", lambda: table)
    descent, momentum = forecasts.forecast_descent(), forecasts.forecast_momentum()
    assert descent.measured == {"share": Binomial(2, 2)}
    assert descent.control.measured == {"share": Binomial(1, 2)}
    assert momentum.measured == {"heavy_ball": Binomial(1, 2), "nesterov": Binomial(2, 2)}
    assert momentum.control.measured == {"heavy_ball": Binomial(1, 2), "nesterov": Binomial(0, 2)}


def test_steps_are_ranked_where_theory_speaks(monkeypatch):
    steps = [1.0, 2.0, 3.0, 4.0, 5.0, 0.5]
    table = made(
        standing=["theory speaks"] * 5 + ["theory is silent"],
        exact_effective_kappa=[1.0, 3.0, 2.0, 4.0, 5.0, 99.0],
        kappa=[5.0, 4.0, 2.0, 3.0, 1.0, 99.0],
        steps_gradient_descent=steps,
        steps_heavy_ball=[1.0, 3.0, 2.0, 5.0, 4.0, 0.5],
    )
    monkeypatch.setattr(forecasts, "stored", lambda: table)
    found = forecasts.effective_kappa()
    ranks = {name: value for name, (value, _) in found.measured.items()}
    assert ranks == pytest.approx({"descent": 1 - 2 / 20, "heavy_ball": 1 - 2 / 20})
    control = {name: value for name, (value, _) in found.control.measured.items()}
    # Differences of ranks 4, 2, 1, 1, 4 and 4, 1, 0, 2, 3.
    assert control == pytest.approx({"descent": 1 - 38 / 20, "heavy_ball": 1 - 30 / 20})


NAME = "mlp tanh 64x1 c1 diabetes"


def _eigenvalues(name, seed):
    """Of the kernel of a network's mean square loss, by automatic differentiation."""
    module, X, _ = build(name, seed)
    rows = []
    for output in module(X)[:, 0]:
        slopes = torch.autograd.grad(output, list(module.parameters()), retain_graph=True)
        rows.append(torch.cat([slope.flatten() for slope in slopes]))
    J = torch.stack(rows)
    return 2 / len(X) * torch.linalg.eigvalsh(J @ J.T)


def test_thirty_products_know_the_largest_eigenvalue():
    seen = forecasts._spectrum(NAME, 1, 30)
    assert seen.lambda_max == pytest.approx(float(_eigenvalues(NAME, 1)[-1]), rel=1e-8)


def test_a_careful_run_takes_a_quarter_of_the_largest_sure_step():
    name, seed = "mlp relu 400x1 c10 made", 0
    rate = 1 / (4 * float(_eigenvalues(name, seed)[-1]))
    module, X, Y = build(name, seed)
    sgd, seen = torch.optim.SGD(module.parameters(), lr=rate), []
    while not seen or seen[-1] >= 0.05 * seen[0]:
        loss = (module(X) - Y).square().mean()
        seen.append(float(loss.detach()))
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    assert forecasts._careful(name, float(seed)) == len(seen) - 1


def test_few_products_are_compared_with_all_eigenvalues(monkeypatch):
    table = made(
        network=[NAME.replace("c1", "c10"), NAME.replace("mlp", "res"), NAME],
        products=[20.0, 30.0, 40.0],
        **{
            f"{what}_{name.replace(' ', '_')}": values
            for name in population.METHODS
            for what, values in (("told", [90.0, 100.0, 130.0]), ("exactly_told", [100.0] * 3))
        },
    )
    monkeypatch.setattr(forecasts, "stored", lambda: table)
    monkeypatch.setattr(forecasts, "_by_few", lambda table, i: float(i))
    found = forecasts.products_needed()
    assert found.measured["off"] == pytest.approx([0.1, 0.0, 0.3])
    assert found.measured["products"] == [20.0, 30.0, 40.0]
    # Only the plain network of the diabetes data is looked at again.
    assert found.control.measured == {"off": [2.0], "products": [5.0]}


def test_a_gain_is_told_as_a_bound_and_a_careful_rival_breaks_it(monkeypatch):
    wide = "mlp relu 400x1 c10 made"
    table = made(
        network=["mlp relu 64x1 c1 made", wide, wide, wide.replace("relu", "tanh")],
        seed=[0, 1, 2, 0],
        told_gradient_descent=[100.0, 150.0, 151.0, 100.0],
        steps_gradient_descent=[100.0, 200.0, 151.0, 106.0],
        steps_heavy_ball=[50.0, 80.0, 75.5, 50.0],
        steps_nesterov=[60.0, 50.0, 80.0, 60.0],
        gain=[2.0, 2.0, 2.0, 2.0],
    )
    careful = {(wide, 1): 420.0, (wide.replace("relu", "tanh"), 0): 100.0}
    monkeypatch.setattr(forecasts, "stored", lambda: table)
    monkeypatch.setattr(forecasts, "_careful", lambda name, seed: careful[str(name), int(seed)])
    found = forecasts.gain_is_a_bound()
    # Measured over forecast gains are 1, 2, 1 and 1.06.
    assert found.measured == {"share": Binomial(3, 4)}
    assert found.shown["excess"].tolist() == pytest.approx([1.0, 2.0, 1.0, 1.06])
    # Of the two wide networks that train fast: 420/50/2 and 100/50/2.
    assert found.control.measured == {"share": Binomial(1, 2)}
