"""What laziness costs and buys: output scale, the edge of stability, and what people do."""

from __future__ import annotations

import numpy as np

from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.own_network.population import (
    METHODS,
    MOST,
    Array,
    Population,
    share,
    stored,
)
from rootkappa.ledger import Binomial, Control

_EDGE = (1.8, 2.2)
# A win or a loss is one by more than a tenth.
_TIE = 1.1


@measures("own-network/output-scale")
def output_scale() -> Evidence:
    """Compare networks whose outputs are multiplied by 10 with the same without.

    Returns:
        The evidence, from the stored table.
    """
    table = stored()
    one, ten = pairs(table, 10)
    same, other = pairs(table, 1)
    return Evidence(
        _compared(one, ten),
        Control("the same scale, and other weights", _compared(same, other)),
        shown={"one": one, "ten": ten},
    )


def pairs(table: Population, scale: int) -> tuple[Population, Population]:
    """Pair networks of output scale 1 with others of the same architecture and data.

    Args:
        table: Records.
        scale: 10 for the same seed at scale 10, 1 for the next seed at the same scale.

    Returns:
        The networks of scale 1, and their partners.
    """
    keys = zip(table["network"].tolist(), table["seed"].astype(int).tolist(), strict=True)
    place = {key: i for i, key in enumerate(keys)}
    count = len(np.unique(table["seed"]))
    first, second = [], []
    for (name, seed), i in place.items():
        partner = name.replace(" c1 ", f" c{scale} ")
        key = (partner, seed if scale != 1 else (seed + 1) % count)
        if " c1 " in name and key in place and name.replace(" c1 ", " c10 ") in table["network"]:
            first.append(i)
            second.append(place[key])
    return table.where(np.array(first)), table.where(np.array(second))


def _compared(one: Population, other: Population) -> dict[str, list[float]]:
    # By how much the kernel moves less, and how much nearer heavy ball comes to its forecast.
    return {
        "moved": (other["moved"] / one["moved"]).tolist(),
        "miss": (miss(other, METHODS[1]) - miss(one, METHODS[1])).tolist(),
    }


def miss(table: Population, method: str) -> Array:
    """Give how far measured steps are from forecast ones.

    Args:
        table: Records.
        method: A name of `METHODS`.

    Returns:
        |log(measured / forecast)|; a run that did not arrive counts as one of 3000 steps.
    """
    steps = np.nan_to_num(table[f"steps {method}"], nan=MOST)
    found: Array = np.abs(np.log(steps / table[f"told {method}"]))
    return found


@measures("own-network/edge-of-stability")
def edge_of_stability() -> Evidence:
    """Look where eta lambda_max of gradient descent ends, where lambda_max was to grow twofold.

    Returns:
        The evidence, from the stored table.
    """
    table = stored()
    sharp = table["top"] >= 2
    what = r"networks whose $\lambda_{\max}$ does not grow twofold"
    control = Control(what, {"share": _at_edge(table.where(~sharp))})
    return Evidence({"share": _at_edge(table.where(sharp))}, control)


def _at_edge(table: Population) -> Binomial:
    last = table["last sharpness gradient descent"]
    return share((_EDGE[0] <= last) & (last <= _EDGE[1]))


@measures("own-network/best-of-ten")
def best_of_ten() -> Evidence:
    """Compare the recommended numbers with the best of ten learning rates at momentum 0.9.

    Returns:
        The evidence, from the stored table.
    """
    table = stored()
    spoken, silent = outcomes(table.where(table.speaks)), outcomes(table.where(table.silent))
    return Evidence(
        {"wins": _decided(spoken)},
        Control("the networks of which theory is silent", {"wins": _decided(silent)}),
        shown={"speaks": spoken, "silent": silent},
    )


def outcomes(table: Population) -> dict[str, int]:
    """Count wins, ties and losses of the recommended numbers of the better method with momentum.

    Args:
        table: Records.

    Returns:
        Runs by outcome; a difference of a tenth or less is a tie, and so is that none arrives.
    """
    ours, theirs = table.fewest, np.nan_to_num(table["best of ten"], nan=np.inf)
    wins, losses = ours * _TIE < theirs, ours > _TIE * theirs
    ties = len(table) - int(wins.sum()) - int(losses.sum())
    return {"wins": int(wins.sum()), "ties": ties, "losses": int(losses.sum())}


def _decided(found: dict[str, int]) -> Binomial:
    return Binomial(found["wins"], found["wins"] + found["losses"])
