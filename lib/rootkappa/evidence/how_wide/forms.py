"""Width is the size of the labels: networks of a width beside their form at width 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa.architectures import DeepLinear
from rootkappa.evidence.deep_linear.networks import METHODS, OwnLabels, inputs, labels
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.training import train

_KAPPA, _STEPS = 25.0, 100
_WIDTHS, _DEPTHS = (32, 64), (2, 3, 5)


@measures("how-wide/width-is-label-size")
def width_is_label_size(seeds: Sequence[int]) -> Evidence:
    """Train Gaussian networks, and the same with weights and labels over m^{1/2}, at width 1.

    Args:
        seeds: The seeds of the draws, which take widths and depths in turn.

    Returns:
        The evidence.
    """
    found = [_gaps(index, seed) for index, seed in enumerate(seeds)]
    right, wrong = zip(*found, strict=True)
    return Evidence(
        {"deviation": list(right)},
        Control("the labels left as they are", {"deviation": list(wrong)}),
    )


def _gaps(index: int, seed: int) -> tuple[float, float]:
    width, depth = _WIDTHS[index % len(_WIDTHS)], _DEPTHS[index % len(_DEPTHS)]
    X = inputs(_KAPPA)
    Y, root = labels(X, [seed]), math.sqrt(width)
    plain = OwnLabels(X, Y, width, depth)
    start = plain.initialise([seed])
    small = [layer / root for layer in start]
    own = _paths(plain, start)
    forms = (OwnLabels(X, Y / scale, width, depth, scale_width=1.0) for scale in (root, 1.0))
    right, wrong = (float((_paths(form, small) - own).abs().max()) for form in forms)
    return right, wrong


def _paths(model: DeepLinear, start: Sequence[torch.Tensor]) -> torch.Tensor:
    # Residuals of the three methods, over their starts.
    spectrum = model.spectra(start)[0]
    found = []
    for tuning in METHODS.values():
        run = train(model, tuning(spectrum), start, _STEPS, progress=False)
        found.append(run.residual_norms[0] / run.residual_norms[0, 0])
    return torch.stack(found)
