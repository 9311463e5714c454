r"""The residual recursion of a two-layer ReLU network, and where its weights end up.

With fixed outer weights the network is linear in W as long as no activation changes. So, with
constant numbers eta, beta, gamma and read at the evaluation point,

    xi_{t+1} = xi_t + beta (xi_t - xi_{t-1}) - eta (1 + gamma) H_t xi_t
               + eta gamma H_{t-1} xi_{t-1} + phi_t,

with phi_t = 0 unless an activation changes between the steps t - 1, t and t + 1. Writing H_0 for
the two kernels leaves the drift

    psi_t = eta (1 + gamma)(H_0 - H_t) xi_t - eta gamma (H_0 - H_{t-1}) xi_{t-1}.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import TwoLayerReLU, Weights, vectorise
from rootkappa.optimizers import Method


@dataclass(frozen=True)
class RecursionTerms:
    """What the recursion with the kernel of the start leaves over, step by step.

    Args:
        residuals: xi_0, ..., xi_T, shape (T + 1, R, n).
        drift: psi_0, ..., psi_{T-1}, shape (T, R, n); psi_0 = 0.
        flips: phi_0, ..., phi_{T-1}, shape (T, R, n).
        changed: Activations that differ from the step before, shape (T + 1, R); 0 at t = 0.
    """

    residuals: torch.Tensor
    drift: torch.Tensor
    flips: torch.Tensor
    changed: torch.Tensor

    @property
    def is_free_of_flips(self) -> torch.Tensor:
        """Whether no activation changes between t - 1 and t + 1, shape (T, R)."""
        return (self.changed[:-1] == 0) & (self.changed[1:] == 0)


def recursion_terms(
    model: TwoLayerReLU, method: Method, weights: Sequence[torch.Tensor], steps: int
) -> RecursionTerms:
    """Follow a run step by step and split its residual recursion.

    Args:
        model: A network with fixed outer weights.
        method: A method with constant numbers.
        weights: Starting weights, as from `model.initialise`.
        steps: T, at least 1.

    Returns:
        The terms.

    Raises:
        ValueError: If the method changes from step to step, the outer weights are trained, or
            `steps` is below 1.

    Source: derived for this book; the form for Nesterov agrees with what is recalled of Liu, Pan
    and Tao (2022).
    """
    _checks.count("steps", steps)
    if not method.is_constant:
        raise ValueError(
            f"the recursion needs constant momentum, {method.name} changes from step to step: "
            "give a number instead of a schedule or restart rule."
        )
    if model.train_output:
        raise ValueError(
            "the recursion is for fixed outer weights, got train_output=True: the network is not "
            "linear in both layers, so build it with train_output=False."
        )
    return _follow(model, method, [layer.clone() for layer in weights], steps)


def _follow(model: TwoLayerReLU, method: Method, points: Weights, steps: int) -> RecursionTerms:
    eta, beta, gamma = method.coefficients(0)
    start = model.tangent_kernel(points)
    velocity = torch.zeros_like(points[0])
    pattern = model.activation_patterns(points)
    residuals, driven, drifts, changed = [], [], [], [pattern.new_zeros(len(start)).long()]
    for t in range(steps + 1):
        residual = model.residual(points)
        xi = vectorise(residual)
        residuals.append(xi)
        driven.append(torch.einsum("rij,rj->ri", model.tangent_kernel(points), xi))
        drifts.append(torch.einsum("rij,rj->ri", start, xi) - driven[-1])
        if t < steps:
            left, right = model.pull_back(points, residual)[0]
            ahead = beta * velocity - eta * (left @ right)
            points[0] = points[0] - gamma * velocity + (1 + gamma) * ahead
            velocity, before = ahead, pattern
            pattern = model.activation_patterns(points)
            changed.append((pattern ^ before).sum((1, 2)))
    xi, H, D = torch.stack(residuals), torch.stack(driven), torch.stack(drifts)
    # At t = 0 the start at rest has no step before it.
    predicted = xi[:-1] - eta * (1 + gamma) * H[:-1]
    predicted[1:] += beta * (xi[1:-1] - xi[:-2]) + eta * gamma * H[:-2]
    drift = eta * (1 + gamma) * D[:-1]
    drift[1:] -= eta * gamma * D[:-2]
    return RecursionTerms(xi, drift, xi[1:] - predicted, torch.stack(changed))


def lazy_displacement(model: TwoLayerReLU, weights: Sequence[torch.Tensor]) -> Weights:
    r"""Predict $W_\infty - W_0 = -J_0^\top H_0^{-1}\xi_0$ from the start alone.

    Every method stays in the range of the gradients, so with a frozen kernel all that converge end
    at the same weights, at the distance $(\xi_0^\top H_0^{-1}\xi_0)^{1/2}$ whatever the width.

    Args:
        model: The network with its data.
        weights: Starting weights, as from `model.initialise`.

    Returns:
        The displacement of each layer, in the shapes of the weights.

    Raises:
        ValueError: If the kernel at the start is singular.

    Source: derived for this book.
    """
    kernel = model.tangent_kernel(weights)
    factor, info = torch.linalg.cholesky_ex(kernel)
    if bool(info.any()):
        raise ValueError(
            f"the kernel of {int((info > 0).sum())} of {len(info)} starts is singular, so the "
            "limit is not determined: drop parallel inputs, or widen the network."
        )
    residual = vectorise(model.residual(weights))
    solved = torch.cholesky_solve(residual[..., None], factor).mT
    return [-(left @ right) for left, right in model.pull_back(weights, solved)]
