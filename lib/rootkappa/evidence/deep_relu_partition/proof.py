"""The proof's own numbers: Lemma 14 against the network, exponents, and a reversed inequality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from statistics import geometric_mean

import torch

from rootkappa.evidence.deep_relu_partition.networks import Start, drawn, lemma14
from rootkappa.evidence.deep_relu_partition.widths import wide_network
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.theorems.liao2024provable import WidthConditions

_WIDTHS = (96, 256, 512, 1024)
_VERY_WIDE = 1e40
# R_u of the order kappa^(-9/8), the largest that the condition on G1^2 G2^2 allows.
REPAIRED = Fraction(-9, 8)


@measures("deep-relu-partition/constants")
def constants(seeds: Sequence[int]) -> Evidence:
    """Compare the condition number of Lemma 14 with the measured one, with three and four layers.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = [_excesses(seed, lambda start: start) for seed in seeds]
    aligned = [_excesses(seed, _one_sign) for seed in seeds]
    three, four = ([geometric_mean(each[layers]) for each in found] for layers in (3, 4))
    return Evidence(
        {
            "least": [min(each[3]) for each in found],
            "largest": [max(each[4]) for each in found],
            "per_layer": _per_layer(found),
        },
        Control(
            "hidden layers after the first with all entries positive",
            {"per_layer": _per_layer(aligned)},
        ),
        shown={"three": three, "four": four},
    )


@measures("deep-relu-partition/proof-notes")
def proof_notes(seeds: Sequence[int]) -> Evidence:
    """Solve the conditions on the width in exact fractions, and evaluate the certificate at 1e40.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    networks = [wide_network(seed, 3) for seed in seeds]

    def binding(repaired: bool) -> list[float]:
        return [n.check(_VERY_WIDE, repaired=repaired)["K8"].needed for n in networks]

    (tie, alone) = WidthConditions.printed().exponents
    (other, direct) = WidthConditions.direct(radius=REPAIRED).exponents
    return Evidence(
        {
            "printed_n": float(alone[0]),
            "printed_tie_n": float(tie[0]),
            "printed_tie_d": float(tie[1]),
            "direct_n": float(direct[0]),
            "direct_other_n": float(other[0]),
            "direct_other_d": float(other[1]),
            "K8_repaired": binding(True),
        },
        Control("the radius of Lemma 14 as it is", {"K8_repaired": binding(False)}),
    )


def _excesses(seed: int, change: Callable[[Start], Start]) -> dict[int, list[float]]:
    # Of the lemma's kappa over the measured one, for each width, by the number of layers.
    return {
        layers: [_excess(change(drawn(seed, layers, width))) for width in _WIDTHS]
        for layers in (3, 4)
    }


def _excess(start: Start) -> float:
    values = torch.linalg.svdvals(start.model.features(start.weights)[-1][0])
    return lemma14(start).kappa / float(values[0] / values[-1]) ** 2


def _one_sign(start: Start) -> Start:
    # Each layer then enlarges what it sees by about its norm; the first keeps all samples alive.
    first, *hidden, last = start.weights
    return Start(start.model, [first, *(layer.abs() for layer in hidden), last])


def _per_layer(found: Sequence[dict[int, list[float]]]) -> list[float]:
    return [geometric_mean(each[4]) / geometric_mean(each[3]) for each in found]
