"""The tangent kernel of a linear residual network at the start, against its Jacobian."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import datasets, kernels
from rootkappa.architectures import LinearResNet
from rootkappa.evidence.linear_resnet.stacked import maps_seed
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control

_WIDTHS = (12, 24)
_DEPTH = 4
_SCALE = 2.0


@measures("linear-resnet/kernel")
def kernel(seeds: Sequence[int]) -> Evidence:
    """Compare H_0 = L (AX)^T (AX) (x) B B^T with J J^T from automatic differentiation.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    control = Control("random hidden weights, $N(0, 0.01/m)$", _errors(seeds, hidden_scale=0.1))
    return Evidence(_errors(seeds), control)


def _errors(seeds: Sequence[int], hidden_scale: float = 0.0) -> dict[str, list[float]]:
    # Relative Frobenius errors, the largest of the widths.
    found: dict[str, list[float]] = {"gaussian": [], "modified_identity": []}
    for seed in seeds:
        problem = datasets.gaussian(d=6, k=3, n=8, kappa=9, seed=seed)
        pair, gram = (problem.X, problem.Y), problem.X.T @ problem.X
        flat = _DEPTH * _SCALE**4 * torch.kron(gram, torch.eye(3, dtype=torch.float64))
        errors = []
        for width in _WIDTHS:
            drawn = LinearResNet.gaussian(*pair, width, _DEPTH, [maps_seed(seed)], _SCALE, _SCALE)
            features, B = drawn.A[0] @ problem.X, drawn.B[0]
            exact = _DEPTH * torch.kron(features.T @ features, B @ B.T)
            fixed = LinearResNet.modified_identity(*pair, width, _DEPTH, _SCALE, _SCALE)
            errors.append(
                [_off(model, H, hidden_scale, seed) for model, H in ((drawn, exact), (fixed, flat))]
            )
        for values, worst in zip(found.values(), map(max, zip(*errors, strict=True)), strict=True):
            values.append(worst)
    return found


def _off(model: LinearResNet, closed: torch.Tensor, hidden_scale: float, seed: int) -> float:
    started = LinearResNet(
        model.X, model.Y, model.A, model.B, model.depth, hidden_scale=hidden_scale
    )
    exact = kernels.empirical(started, started.initialise([seed]))[0]
    return float((closed - exact).norm() / exact.norm())
