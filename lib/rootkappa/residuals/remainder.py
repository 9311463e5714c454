"""The residual recursion with its explicit remainder, for networks linear in their inputs.

Along any run with constant numbers eta, beta, gamma, read at the evaluation point,

    xi_{t+1} = ((1 + beta) I - eta (1 + gamma) H_0) xi_t - (beta I - eta gamma H_0) xi_{t-1} + phi_t

    phi_t = eta (1 + gamma) (H_0 - H_t) xi_t - eta gamma (H_0 - H_{t,t-1}) xi_{t-1}
            + vec(E_t) + beta vec(E'_t).

H_{t,t-1} is the kernel between two steps. E_t collects what the outputs change beyond first order
in D_t = W_{t+1} - W_t, and E'_t the same for the step before, seen from W_t:

    E_t  = sum_l S_l(t) D_t,l     (h_{l-1}(t + 1) - h_{l-1}(t))
    E'_t = sum_l S_l(t) D_{t-1},l (h_{l-1}(t) - h_{l-1}(t - 1)),

with S_l the product of the layers above and h_{l-1} the input of layer l. Both follow from
telescoping the product of the layers, and neither needs the outputs at t + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import LinearNetwork, Weights, vectorise
from rootkappa.optimizers import Method, walk
from rootkappa.optimizers.method import as_method


@dataclass(frozen=True, eq=False)
class ResidualPath:
    """Residuals of a run, and what the recursion with frozen kernel leaves to the remainder.

    Args:
        residuals: xi_0, ..., xi_T, shape (R, T + 1, k n).
        remainders: phi_0, ..., phi_{T-1}, shape (R, T, k n); phi_0 is the second-order part of
            the first step xi_1 = (I - eta (1 + gamma) H_0) xi_0 + phi_0.
        kernel: H_0, shape (R, k n, k n).
    """

    residuals: torch.Tensor
    remainders: torch.Tensor
    kernel: torch.Tensor

    def predicted(self, method: Method) -> torch.Tensor:
        """Give what the recursion with remainder says of every next residual.

        Args:
            method: The method whose companion matrix to use; the one that made the path, or
                another one as a control. It raises a ValueError if its numbers change.

        Returns:
            Predictions of xi_1, ..., xi_T, shape (R, T, k n).
        """
        eta, beta, gamma = as_method(method).constants("the recursion")
        now, before = self.residuals[:, :-1], self.residuals[:, :-2]
        driven = torch.einsum("rij,rtj->rti", self.kernel, now)
        ahead = now - eta * (1 + gamma) * driven + self.remainders
        ahead[:, 1:] += beta * (now[:, 1:] - before) + eta * gamma * driven[:, :-1]
        return ahead


def residual_path(
    model: LinearNetwork, method: Method, weights: Sequence[torch.Tensor], steps: int
) -> ResidualPath:
    """Follow a run step by step and compute phi_t from its closed form.

    Args:
        model: The network with its data.
        method: A method with constant numbers.
        weights: Starting weights, a tensor (R, rows, cols) a layer.
        steps: T, at least 1.

    Returns:
        The path.

    Raises:
        ValueError: If weights do not fit, `steps` is below 1, or the method changes from step to
            step.
        TypeError: If the network is not linear in its inputs.

    Source: derived for this book; the form for Nesterov agrees with what is recalled of Liu, Tao
    and Pan (2022).

    Example:
        >>> from rootkappa import DeepLinear, datasets, nesterov
        >>> data, method = datasets.gaussian(kappa=4), nesterov(0.2, 0.8)
        >>> model = DeepLinear(data.X, data.Y, width=16, depth=3)
        >>> path = residual_path(model, method, model.initialise([0, 1]), 10)
        >>> bool((path.predicted(method) - path.residuals[:, 1:]).abs().max() < 1e-13)
        True
    """
    numbers = as_method(method).constants("the recursion")
    if not isinstance(model, LinearNetwork):
        raise TypeError(
            f"the closed remainder is for networks without activations, got a "
            f"{type(model).__name__}: use DeepLinear or LinearResNet, or recursion_terms."
        )
    start = _checks.layers(weights, model.shapes)
    steps = _checks.count("steps", steps)
    path = [now.point for now in walk(method, model.gradient, start, steps)]
    kernel = model.tangent_kernel(start)
    residuals = torch.stack([vectorise(model.residual(point)) for point in path], dim=1)
    remainders = [second_order(model, path[0], path[1], path[1], path[0])]
    for t in range(1, steps):
        seen = residuals[:, t - 1 : t + 1]
        remainders.append(_remainder(model, numbers, kernel, path[t - 1 : t + 2], seen))
    return ResidualPath(residuals, torch.stack(remainders, dim=1), kernel)


def _remainder(
    model: LinearNetwork,
    numbers: tuple[float, float, float],
    kernel: torch.Tensor,
    points: Sequence[Weights],
    residuals: torch.Tensor,
) -> torch.Tensor:
    eta, beta, gamma = numbers
    before, now, after = points
    drift = kernel - model.tangent_kernel(now)
    cross = kernel - model.cross_kernel(now, before)
    return (
        eta * (1 + gamma) * torch.einsum("rij,rj->ri", drift, residuals[:, 1])
        - eta * gamma * torch.einsum("rij,rj->ri", cross, residuals[:, 0])
        + second_order(model, now, after, after, now)
        + beta * second_order(model, now, now, now, before)
    )


def second_order(
    model: LinearNetwork, above: Weights, upper: Weights, ahead: Weights, behind: Weights
) -> torch.Tensor:
    """Give sum_l S_l(above) (ahead_l - behind_l) (h_{l-1}(upper) - h_{l-1}(behind)).

    Args:
        model: The network with its data.
        above: Weights of the layers above.
        upper: Weights of the layers below, at one end of a step.
        ahead: Weights at the end of the step.
        behind: Weights at its start, also of the layers below.

    Returns:
        What the outputs change beyond first order, shape (R, k n).
    """
    inputs = model.X.mT.expand(len(above[0]), -1, -1)
    products = model.products_above(above)[1:]
    rows = zip(
        model.products_below(upper, inputs), model.products_below(behind, inputs), strict=True
    )
    terms = [
        S @ (new - old) @ (high - low).mT
        for S, new, old, (high, low) in zip(products, ahead, behind, rows, strict=True)
    ]
    return vectorise(torch.stack(terms).sum(0))
