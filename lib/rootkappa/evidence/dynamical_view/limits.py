"""Step size and width together: how far a network is from the flow at infinite width."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import dynamics, kernels, rates
from rootkappa.evidence.dynamical_view.networks import FLOW, network
from rootkappa.evidence.dynamical_view.runs import kept
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import nesterov
from rootkappa.training import grid

# None stands for infinite width.
Width = int | None

WIDTHS = (64, 256, 1024)
# At the two largest steps only: there is the width part smallest beside the other.
WIDEST = 4096
STEP_SIZES = (1e-1, 1e-2, 1e-3, 1e-4)
HORIZON = 10.0


@measures("dynamical-view/joint-limit")
def joint_limit(seeds: Sequence[int]) -> Evidence:
    """Measure the distance of networks from the flow at infinite width.

    Args:
        seeds: The seeds of data and weights.

    Returns:
        The evidence.
    """
    coarse, finer, *_, last_but_one, least = STEP_SIZES
    pairs = [(width, eta) for width in (*WIDTHS, None) for eta in STEP_SIZES]
    pairs += [(WIDEST, coarse), (WIDEST, finer)]
    apart = {pair: [_distance(seed, *pair) for seed in seeds] for pair in pairs}

    def ratio(width: Width, large: float, small: float) -> list[float]:
        return [b / a for a, b in zip(apart[width, large], apart[width, small], strict=True)]

    shrink = ratio(WIDEST, coarse, finer)
    across = rates.scaling_exponent(WIDTHS, [apart[width, least] for width in WIDTHS])
    return Evidence(
        {
            "step_order": [2 * math.log(r, finer / coarse) for r in shrink],
            "saturation": ratio(WIDTHS[0], last_but_one, least),
            "width_slope": (across.value, across.interval),
        },
        Control("infinite width", {"saturation": ratio(None, last_but_one, least)}),
        shown={"distances": apart},
    )


def _distance(seed: int, width: Width, eta: float) -> float:
    # The largest up to the horizon, over the length of the start.
    steps = int(HORIZON / math.sqrt(eta))
    model = network(seed, width or 2, labels=1.0)
    values, vectors = torch.linalg.eigh(kernels.relu_limit(model.X))
    kernel = (values, vectors)
    start, times = -model.Y[0], torch.arange(steps + 1, dtype=torch.float64) * math.sqrt(eta)
    law = FLOW.residuals(kernel, start, times)
    if width is None:
        found = dynamics.frozen_residuals(nesterov(eta), kernel, start, steps)
    else:
        run = grid(model, method=nesterov(eta), seed=[seed]).train(steps, keep_residuals=True)
        found = kept(run)[0]
    return float((found - law).norm(dim=-1).max() / start.norm())
