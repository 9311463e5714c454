r"""The residual recursion of a two-layer ReLU network, and where its weights end up.

With fixed outer weights the network, leaky or not, is linear in W as long as no activation changes.
So, with constant numbers eta, beta, gamma and read at the evaluation point,

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
from rootkappa.optimizers import Method, walk
from rootkappa.optimizers.method import as_method


@dataclass(frozen=True, eq=False)
class RecursionTerms:
    """What the recursion with the kernel of the start leaves over, step by step.

    Args:
        residuals: xi_0, ..., xi_T, shape (R, T + 1, n).
        drift: psi_0, ..., psi_{T-1}, shape (R, T, n); psi_0 = 0.
        flips: phi_0, ..., phi_{T-1}, shape (R, T, n).
        changed: Activations that differ from the step before, shape (R, T + 1); 0 at t = 0.
    """

    residuals: torch.Tensor
    drift: torch.Tensor
    flips: torch.Tensor
    changed: torch.Tensor

    @property
    def is_free_of_flips(self) -> torch.Tensor:
        """Whether no activation changes between t - 1 and t + 1, shape (R, T)."""
        return (self.changed[:, :-1] == 0) & (self.changed[:, 1:] == 0)


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
        ValueError: If the method changes from step to step, the outer weights are trained, weights
            do not fit, or `steps` is below 1.
        TypeError: If the model is another one.

    Source: derived for this book; the form for Nesterov agrees with what is recalled of Liu, Pan
    and Tao (2022).

    Example:
        >>> from rootkappa import datasets, nesterov
        >>> data = datasets.sphere(d=8, n=10)
        >>> model = TwoLayerReLU(data.X, 0.1 * data.Y, 256, "antisymmetric")
        >>> terms = recursion_terms(model, nesterov(0.3, 0.6), model.initialise([0, 1]), 60)
        >>> tuple(terms.flips.shape), bool(terms.flips[terms.is_free_of_flips].abs().max() < 1e-14)
        ((2, 60, 10), True)
    """
    as_method(method).constants("the recursion")
    _check_two_layers(model)
    if model.train_output:
        raise ValueError(
            "the recursion is for fixed outer weights, got train_output=True: the network is not "
            "linear in both layers, so build it with train_output=False."
        )
    start = _checks.layers(weights, model.shapes)
    return _terms(model, method, start, _checks.count("steps", steps))


def _terms(model: TwoLayerReLU, method: Method, start: Weights, steps: int) -> RecursionTerms:
    eta, beta, gamma = method.coefficients(0)
    residuals, driven, changed = [], [], []
    (before,) = model.activation_patterns(start)
    for now in walk(method, model.gradient, start, steps):
        residuals.append(vectorise(model.residual(now.point)))
        driven.append(torch.einsum("rij,rj->ri", model.tangent_kernel(now.point), residuals[-1]))
        (pattern,) = model.activation_patterns(now.point)
        changed.append((pattern ^ before).sum((1, 2)))
        before = pattern
    xi, H = torch.stack(residuals, dim=1), torch.stack(driven, dim=1)
    D = torch.einsum("rij,rtj->rti", model.tangent_kernel(start), xi) - H
    # At t = 0 the start at rest has no step before it.
    predicted = xi[:, :-1] - eta * (1 + gamma) * H[:, :-1]
    predicted[:, 1:] += beta * (xi[:, 1:-1] - xi[:, :-2]) + eta * gamma * H[:, :-2]
    drift = eta * (1 + gamma) * D[:, :-1]
    drift[:, 1:] -= eta * gamma * D[:, :-2]
    return RecursionTerms(xi, drift, xi[:, 1:] - predicted, torch.stack(changed, dim=1))


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
        ValueError: If the kernel at the start is singular, or weights do not fit.

    Source: derived for this book.
    """
    _check_two_layers(model)
    weights = _checks.layers(weights, model.shapes)
    kernel = model.tangent_kernel(weights)
    factor, info = torch.linalg.cholesky_ex(kernel)
    if bool(info.any()):
        raise ValueError(
            f"the kernel of {int((info > 0).sum())} of {len(info)} starts is singular, so the "
            "limit is not determined: drop parallel inputs, or widen the network."
        )
    residual = vectorise(model.residual(weights))
    solved = torch.cholesky_solve(residual[..., None], factor)[..., 0]
    solved = solved.unflatten(1, (model.Y.shape[1], len(model.Y))).mT
    return [-(left @ right) for left, right in model.pull_back(weights, solved)]


def _check_two_layers(model: object) -> None:
    if not isinstance(model, TwoLayerReLU):
        raise TypeError(
            f"this is for a TwoLayerReLU, got a {type(model).__name__}: follow a linear network "
            "with residual_path, any other with train(keep_residuals=True)."
        )
