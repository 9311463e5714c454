"""The rival: do the gradients along a run aim at the minimiser that it finds?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from rootkappa.architectures import Weights
from rootkappa.evidence.deep_relu_partition.networks import Start, drawn, patience
from rootkappa.evidence.deep_relu_partition.widths import attempt
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.residuals import aiming
from rootkappa.training import grid

# Layers and last hidden width.
_WORKING, _BETWEEN, _FAILING = (3, 256), (3, 48), (4, 48)
# Of the residual: where the run ends, and until where its points are far from its end.
_END, _FAR = 1e-6, 1e-3
_EVERY = 10


class Margins(NamedTuple):
    """The least margins along a run: strong aiming asks for at least 1.

    Args:
        own: Towards the limit of the run; minus infinity where the run finds no minimiser.
        other: Towards the same limit with its last hidden units in reversed order.
        works: Whether Nesterov with the step 1/L1 works there.
    """

    own: float
    other: float
    works: bool


@measures("deep-relu-partition/aiming")
def aiming_where_it_works(seeds: Sequence[int]) -> Evidence:
    """Measure margins in wide networks, where Nesterov works, in narrow ones, and between.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = {
        key: [margins(drawn(seed, *key)) for seed in seeds]
        for key in (_FAILING, _BETWEEN, _WORKING)
    }
    wide = [each if each.works else each._replace(own=-math.inf) for each in found[_WORKING]]
    return Evidence(
        {
            "margin_working": [each.own for each in wide],
            "margin_failing": [each.own for each in found[_FAILING]],
            "disagreements": sum((each.own >= 1) != each.works for each in found[_BETWEEN]),
        },
        Control(
            "the same limit with its hidden units in reversed order, which computes the same",
            {"margin_working": [each.other for each in wide]},
        ),
        shown={"margins": found},
    )


def margins(start: Start, c: float = 0.25) -> Margins:
    """Run Nesterov and measure at every tenth point how the gradient aims.

    Args:
        start: The network at its start.
        c: The step is c / L1.

    Returns:
        The least margins, with mu of the start.
    """
    model, constants = start.model, start.constants
    steps, works = int(1.5 * patience(constants, c)), attempt(start).works
    looks = {"point": lambda now: _flat(now.weights)}
    runs = grid((model, start.weights), method=start.nesterov(c))
    at = range(0, steps + 1, _EVERY)
    run = runs.train(steps, tolerance=_END, observers=looks, observe_at=at, progress=False)
    norms = run.residual_norms[0] / run.residual_norms[0, 0]
    if not norms.nan_to_num(math.inf, math.inf).min() < _FAR:
        return Margins(-math.inf, -math.inf, works)
    points = _layers(start, run.observed["point"][0][norms[::_EVERY] > _FAR])

    def least(target: Weights) -> float:
        ends = [layer.expand(len(points[0]), -1, -1) for layer in target]
        return float(aiming(model, points, ends, constants.mu).margin.min())

    *lower, inner, outer = run.weights
    return Margins(least(run.weights), least([*lower, inner.flip(1), outer.flip(2)]), works)


def _flat(layers: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([layer.flatten(1) for layer in layers], 1)


def _layers(start: Start, rows: torch.Tensor) -> Weights:
    parts = rows.split([layer[0].numel() for layer in start.weights], 1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, start.model.shapes, strict=True)]
