"""Networks of many widths side by side, in the form in which width is the size of the labels.

Let all weights and labels of a network of width m be divided by m^{1/2}, and its factor a taken at
width 1. Its outputs are then f / m^{1/2}, and with the same eta, beta, gamma every weight stays its
own over m^{1/2}: gradients of half the squared residual, which is m times smaller, with respect to
weights that are m^{1/2} times smaller. So networks of different widths are replicas of one model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa.architectures import LinearNetwork, LinearResNet, Weights
from rootkappa.evidence.deep_linear.networks import INPUTS, OwnLabels, inputs, labels
from rootkappa.evidence.linear_resnet.stacked import Stacked
from rootkappa.reductions import (
    Reduction,
    sample_krylov,
    sample_linear_resnet,
    sample_orthogonal,
)
from rootkappa.reductions._process import least_width

KINDS = ("orthogonal", "gaussian", "resnet")
# Two-layer ReLU networks are drawn in `relu`: their width is no size of labels.
RELU = "relu"
# Krylov blocks of Gaussian networks: the thresholds below need the outputs to a few per cent only.
BLOCKS = 2
Networks = tuple[LinearNetwork, Weights]


@dataclass(frozen=True)
class Setting:
    """What is trained, but for its width and its seed.

    Args:
        kind: One of `KINDS`, or `RELU`.
        method: A name of `METHODS`.
        kappa: kappa(X); of ReLU networks that of the kernel of one pair.
        outputs: k.
        depth: L.
        size: The entries of W* are N(0, size^2/d); labels of ReLU networks N(0, size^2).
        pairs: Pairs of close points, n = 2 pairs; of ReLU networks only, 0 elsewhere.
    """

    kind: str = "orthogonal"
    method: str = "nesterov"
    kappa: int = 64
    outputs: int = 3
    depth: int = 3
    size: float = 1.0
    pairs: int = 0

    @property
    def least_width(self) -> int:
        """The least width that can be drawn."""
        if self.kind == RELU:
            return 32
        if self.kind == "gaussian":
            return least_width(INPUTS, self.outputs, self.depth, BLOCKS)
        return INPUTS + self.outputs


def drawn(setting: Setting, seeds: Sequence[int], widths: Sequence[int]) -> Networks:
    """Draw networks, each of a width of its own, at width 1: with weights and labels over m^{1/2}.

    Args:
        setting: What they are.
        seeds: One a network: a seed is one set of labels, and one stream of weights at all widths.
        widths: m of each, at least `setting.least_width`.

    Returns:
        The stack and its weights.
    """
    X = inputs(setting.kappa)
    targets = setting.size * labels(X, seeds, setting.outputs)
    sample = _SAMPLES[setting.kind]
    found = [
        sample(setting, X, Y, m, seed) for Y, m, seed in zip(targets, widths, seeds, strict=True)
    ]
    roots = torch.tensor(widths, dtype=torch.float64).sqrt()[:, None, None]
    if setting.kind == "resnet":
        models = [one.model for one in found if isinstance(one.model, LinearResNet)]
        features = torch.cat([model.A @ model.X for model in models])
        B = torch.cat([model.B for model in models])
        stacked = Stacked(features, B, targets / roots, setting.depth)
        return stacked, [torch.cat(layers) for layers in zip(*_weights(found), strict=True)]
    weights = [torch.cat(layers) / roots for layers in zip(*_weights(found), strict=True)]
    units, depth = weights[0].shape[1], setting.depth
    return OwnLabels(X, targets / roots, units, depth, scale_width=1.0), weights


def _weights(found: Sequence[Reduction]) -> list[Weights]:
    return [one.weights for one in found]


def _orthogonal(
    setting: Setting, X: torch.Tensor, Y: torch.Tensor, width: int, seed: int
) -> Reduction:
    return sample_orthogonal(X, Y, width, setting.depth, [seed])


def _gaussian(
    setting: Setting, X: torch.Tensor, Y: torch.Tensor, width: int, seed: int
) -> Reduction:
    return sample_krylov(X, Y, width, [seed], BLOCKS, depth=setting.depth)


def _resnet(setting: Setting, X: torch.Tensor, Y: torch.Tensor, width: int, seed: int) -> Reduction:
    # f / m^{1/2} with entries of A and B from N(0, 1) and the factor (m k)^{-1/2} of a deep linear
    # network: then the kernel is near (L/k) X^T X, as there.
    scale = setting.outputs**-0.25
    return sample_linear_resnet(X, Y, width, setting.depth, [seed], scale, scale)


_SAMPLES: dict[str, Callable[[Setting, torch.Tensor, torch.Tensor, int, int], Reduction]] = {
    "orthogonal": _orthogonal,
    "gaussian": _gaussian,
    "resnet": _resnet,
}
