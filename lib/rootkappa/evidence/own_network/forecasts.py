"""Whether forecasts come true, what they rest on, and what they cost."""

from __future__ import annotations

import math

import numpy as np

from rootkappa.diagnosis import losses
from rootkappa.diagnosis.forecast import forecast
from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.diagnosis.measure import by_lanczos
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.products import Products
from rootkappa.diagnosis.verdict import DESCENT_DRIFT
from rootkappa.draws import numpy_generator
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.own_network.networks import build
from rootkappa.evidence.own_network.population import (
    METHODS,
    TOLERANCE,
    Array,
    Population,
    share,
    stored,
    train,
)
from rootkappa.ledger import Binomial, Control

_QUARTER = 0.25
# What a gain may exceed its bound by: whole steps, of which there are often a dozen.
_ROOM = 1.06
# The control of the bound trains gradient descent four times as long.
_FACTOR, _LONGEST = 4, 150
_FEW, _ENOUGH = 5, 30


@measures("own-network/forecast-descent")
def forecast_descent() -> Evidence:
    """Compare the steps of gradient descent with those forecast, where the drift is below 0.06.

    Returns:
        The evidence, from the stored table.
    """
    table = stored()
    lazy = table["drift"] < DESCENT_DRIFT
    control = {"share": within(table.where(~lazy), METHODS[0])}
    what = f"the networks whose kernel moves by {DESCENT_DRIFT:g} or more"
    return Evidence({"share": within(table.where(lazy), METHODS[0])}, Control(what, control))


@measures("own-network/forecast-momentum")
def forecast_momentum() -> Evidence:
    """Compare the steps of both methods with momentum with those forecast, where theory speaks.

    Returns:
        The evidence, from the stored table.
    """
    table = stored()

    def both(some: Population) -> dict[str, Binomial]:
        return {name.replace(" ", "_"): within(some, name) for name in METHODS[1:]}

    control = Control(
        "the networks of which theory does not speak", both(table.where(~table.speaks))
    )
    return Evidence(both(table.where(table.speaks)), control)


def within(table: Population, method: str) -> Binomial:
    """Count the runs that took their forecast to a quarter.

    Args:
        table: Records.
        method: A name of `METHODS`.

    Returns:
        How many of those that can be judged.
    """
    return share(hits(table, method)[0])


def hits(table: Population, method: str) -> tuple[Array, Array]:
    """Say which runs took their forecast to a quarter.

    Args:
        table: Records.
        method: A name of `METHODS`.

    Returns:
        A boolean for each run that can be judged, and the names of their networks.
    """
    ratio = table.ratio(method)
    judged = ~np.isnan(ratio)
    return np.abs(ratio[judged] - 1) <= _QUARTER, table["network"][judged]


def of_other_networks(found: Array, networks: Array, times: int = 2000) -> tuple[float, float]:
    """Give the 95 % interval of a share if networks had been drawn, and not their weights alone.

    Args:
        found: A boolean a run.
        networks: The name of its network.
        times: How many populations of networks are drawn from this one.

    Returns:
        Low and high.
    """
    names, of = np.unique(networks, return_inverse=True)
    right, all_ = np.bincount(of, found), np.bincount(of)
    drawn = numpy_generator(0).integers(len(names), size=(times, len(names)))
    low, high = np.quantile(right[drawn].sum(1) / all_[drawn].sum(1), (0.025, 0.975))
    return float(low), float(high)


@measures("own-network/gain-is-a-bound")
def gain_is_a_bound() -> Evidence:
    """Compare the measured gain of momentum with the forecast one.

    Returns:
        The evidence: from the stored table, and the control afresh, on wide networks that train
        fast.
    """
    table = stored()
    over = excess(table)
    wide = np.array(["400x1 c10" in name for name in table["network"]])
    fast = table.where(wide & (table["told gradient descent"] <= _LONGEST))
    slow = [_careful(*key) for key in zip(fast["network"], fast["seed"], strict=True)]
    broken = np.array(slow) / fast.fewest / fast["gain"]
    control = {"share": share(broken <= _ROOM)}
    what = "gradient descent with a quarter of its step size"
    return Evidence({"share": share(over <= _ROOM)}, Control(what, control), shown={"excess": over})


def excess(table: Population) -> Array:
    """Give the measured gain over the forecast one.

    Args:
        table: Records.

    Returns:
        For each run whose forecast of gradient descent can be judged; infinite where gradient
        descent did not arrive though it was told to, 0 where no method with momentum did.
    """
    judged = table.where(~np.isnan(table.ratio(METHODS[0])))
    slow = np.nan_to_num(judged[f"steps {METHODS[0]}"], nan=np.inf)
    fast = judged.fewest
    gain = np.where(np.isfinite(fast), slow / fast, 0.0)
    found: Array = gain / judged["gain"]
    return found


def _careful(network: str, seed: float) -> float:
    # Steps of gradient descent with 1 / (4 lambda_max), on one network of the population.
    module, X, Y = build(network, int(seed))
    seen = _spectrum(network, int(seed), _ENOUGH)
    most = 2 * _FACTOR * _LONGEST
    found = train(module, X, Y, TOLERANCE, most, lr=1 / (_FACTOR * seen.lambda_max))
    return math.inf if found is None else float(found)


@measures("own-network/products-needed")
def products_needed() -> Evidence:
    """Compare forecasts from few products with those from all eigenvalues.

    Returns:
        The evidence: from the stored table, and the control afresh, on the plain networks of the
        diabetes data, which need the most products.
    """
    table = stored()
    off = np.max([_off(table[f"told {m}"], table[f"exactly told {m}"]) for m in METHODS], 0)
    measured = {"off": off.tolist(), "products": table["products"].tolist()}
    some = np.flatnonzero([_plain(str(name)) for name in table["network"]])
    few = [_by_few(table, int(i)) for i in some]
    control = {"off": few, "products": [float(_FEW)] * len(few)}
    return Evidence(measured, Control(f"the first {_FEW} products only", control))


def _plain(name: str) -> bool:
    return name.startswith("mlp") and name.endswith(" c1 diabetes")


def _by_few(table: Population, i: int) -> float:
    # How far the forecasts of the first products are from those of all eigenvalues.
    seen = _spectrum(str(table["network"][i]), int(table["seed"][i]), _FEW)
    room = float(table["headroom"][i])
    found = 0.0
    for name in METHODS:
        told = forecast(
            name, seen, TOLERANCE, room, lambda method: seen.steps_to(method, TOLERANCE)
        )
        count = np.array([math.inf if told.steps is None else told.steps])
        found = max(found, float(_off(count, table[f"exactly told {name}"][i : i + 1])[0]))
    return found


def _spectrum(network: str, seed: int, products: int) -> LabelSpectrum:
    # As so many products show it.
    module, X, Y = build(network, seed)
    function = ModuleFunction(module, [X])
    loss = losses.read("mse", function.outputs, Y)
    residual = loss.newton(2 * (function.outputs - Y) / len(Y))
    return by_lanczos(Products(function), loss, residual, TOLERANCE, products, False).spectrum


def _off(told: Array, exact: Array) -> Array:
    found: Array = np.abs(told / exact - 1)
    return found


@measures("own-network/effective-kappa")
def effective_kappa() -> Evidence:
    """Rank measured steps by the condition number that the labels see, and by kappa.

    Returns:
        The evidence, from the stored table.
    """
    some = stored()
    some = some.where(some.speaks)

    def ranks(column: str) -> dict[str, tuple[float, tuple[float, float]]]:
        return {
            short: rank_correlation(some, name, column)
            for short, name in (("descent", METHODS[0]), ("heavy_ball", METHODS[1]))
        }

    return Evidence(
        ranks("exact effective kappa"), Control(r"$\kappa$ in its place", ranks("kappa"))
    )


def rank_correlation(
    table: Population, method: str, column: str
) -> tuple[float, tuple[float, float]]:
    """Correlate the ranks of measured steps with those of a column.

    Args:
        table: Records.
        method: A name of `METHODS`.
        column: A column.

    Returns:
        Spearman's coefficient, with Fisher's 95 % interval for as many pairs as there are networks:
        the seeds of one are alike.
    """
    from scipy.stats import spearmanr  # half a second, for this number alone

    arrived = table.where(~np.isnan(table[f"steps {method}"]))
    rank = float(spearmanr(arrived[f"steps {method}"], arrived[column]).statistic)
    half = 1.96 * 1.03 / math.sqrt(len(np.unique(arrived["network"])) - 3)
    return rank, (math.tanh(math.atanh(rank) - half), math.tanh(math.atanh(rank) + half))
