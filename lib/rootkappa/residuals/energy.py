"""Heavy ball's energy balance along a real run, for networks linear in their inputs.

Write heavy ball as xi_{t+1} = (1 + beta) xi_t - beta xi_{t-1} - eta H_t xi_t + r_t, with the kernel
H_t where the run stands and the part r_t of the outputs beyond first order. In units that grow,
z_t = beta^{-t/2} xi_t and A_t = ((1 + beta) I - eta H_t) / beta^{1/2}, the energy

    Q_t = ||z_t||^2 + ||z_{t-1}||^2 - <z_t, A_t z_{t-1}>

changes by what the kernel and the remainder do, and by nothing else:

    Q_t - Q_{t-1} = beta^{-t} eta <xi_t, (H_t - H_{t-1}) xi_{t-1}>
                    + beta^{-t} <r_{t-1}, xi_t - beta xi_{t-2}>.

It is positive where all modes oscillate, ||A_t|| < 2, for it is at least 1 - ||A_t||/2 times
||z_t||^2 + ||z_{t-1}||^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import LinearNetwork, Weights, vectorise
from rootkappa.optimizers import Method, walk
from rootkappa.residuals.remainder import second_order


@dataclass(frozen=True, eq=False)
class EnergyPath:
    """The energy of heavy ball's residual along a run, and what changes it.

    Args:
        energies: Q_1, ..., Q_T, shape (R, T).
        kernel_work: What the moving kernel adds to Q_1, ..., Q_{T-1}, shape (R, T - 1).
        remainder_work: What the second-order part adds, the same shape.
        residuals: xi_0, ..., xi_T, shape (R, T + 1, k n).
        eigenvalues: Of H_1, ..., H_T in ascending order, shape (R, T, k n).
        margins: 1 - ||A_t||/2 for t = 1, ..., T, shape (R, T); above 0 where all modes oscillate.
        variations: ||A_t - A_{t-1}|| for t = 2, ..., T, shape (R, T - 1).
    """

    energies: torch.Tensor
    kernel_work: torch.Tensor
    remainder_work: torch.Tensor
    residuals: torch.Tensor
    eigenvalues: torch.Tensor
    margins: torch.Tensor
    variations: torch.Tensor

    @property
    def predicted(self) -> torch.Tensor:
        """Q_2, ..., Q_T from the energy before and the two works, shape (R, T - 1)."""
        return self.energies[:, :-1] + self.kernel_work + self.remainder_work


def heavy_ball_energy(
    model: LinearNetwork, method: Method, weights: Sequence[torch.Tensor], steps: int
) -> EnergyPath:
    """Follow a run of heavy ball and balance its energy at every step.

    Args:
        model: The network with its data.
        method: Heavy ball, with momentum above 0.
        weights: Starting weights, a tensor (R, rows, cols) a layer.
        steps: T, at least 2.

    Returns:
        The path.

    Raises:
        ValueError: If the method extrapolates, has no momentum or changes, or weights do not fit.
        TypeError: If the network is not linear in its inputs.

    Source: derived for this book; proof in the chapter on widths.

    Example:
        >>> from rootkappa import DeepLinear, datasets, heavy_ball
        >>> data = datasets.gaussian(kappa=4)
        >>> model = DeepLinear(data.X, data.Y, width=16, depth=3)
        >>> path = heavy_ball_energy(model, heavy_ball(0.2, 0.5), model.initialise([0]), 20)
        >>> gaps = (path.predicted / path.energies[:, 1:] - 1).abs()
        >>> bool(gaps.max() < 1e-11)
        True
    """
    numbers = _of_heavy_ball(method)
    if not isinstance(model, LinearNetwork):
        raise TypeError(
            f"the closed remainder is for networks without activations, got a "
            f"{type(model).__name__}: use DeepLinear or LinearResNet."
        )
    start = _checks.layers(weights, model.shapes)
    steps = _checks.count("steps", steps, least=2)
    path = [now.point for now in walk(method, model.gradient, start, steps)]
    residuals = torch.stack([vectorise(model.residual(point)) for point in path], dim=1)
    kernels = torch.stack([model.tangent_kernel(point) for point in path], dim=1)
    moves = zip(path, path[1:], path[2:], strict=False)
    remainders = [_remainder(model, numbers[1], *three) for three in moves]
    return balance(numbers, residuals, kernels, torch.stack(remainders, dim=1))


def balance(
    numbers: tuple[float, float],
    residuals: torch.Tensor,
    kernels: torch.Tensor,
    remainders: torch.Tensor,
) -> EnergyPath:
    """Balance the energy of residuals that follow heavy ball with some kernels.

    Args:
        numbers: eta and beta.
        residuals: xi_0, ..., xi_T, shape (R, T + 1, N).
        kernels: H_0, ..., H_T, symmetric, shape (R, T + 1, N, N).
        remainders: r_1, ..., r_{T-1}, shape (R, T - 1, N).

    Returns:
        The path.
    """
    eta, beta = numbers
    growth = beta ** -torch.arange(1, residuals.shape[1], dtype=torch.float64)
    now, before = residuals[:, 1:], residuals[:, :-1]
    eye = torch.eye(residuals.shape[2]).to(kernels)
    A = ((1 + beta) * eye - eta * kernels[:, 1:]) / beta**0.5
    through = torch.einsum("rti,rtij,rtj->rt", now, A, before)
    energies = growth * (now.square().sum(2) + beta * before.square().sum(2) - beta**0.5 * through)
    change = kernels[:, 2:] - kernels[:, 1:-1]
    kernel_work = eta * torch.einsum("rti,rtij,rtj->rt", now[:, 1:], change, before[:, 1:])
    remainder_work = (remainders * (now[:, 1:] - beta * before[:, :-1])).sum(2)
    values = torch.linalg.eigvalsh(kernels[:, 1:])
    widest = ((1 + beta - eta * values) / beta**0.5).abs().amax(2)
    return EnergyPath(
        energies,
        growth[1:] * kernel_work,
        growth[1:] * remainder_work,
        residuals,
        values,
        1 - widest / 2,
        eta / beta**0.5 * torch.linalg.eigvalsh(change).abs().amax(2),
    )


def _of_heavy_ball(method: Method) -> tuple[float, float]:
    _checks.instance("method", method, Method, "heavy_ball(0.1, 0.9), say")
    eta, beta, gamma = method.constants("the energy")
    if gamma != 0 or not beta > 0:
        raise ValueError(
            f"the energy is heavy ball's, with momentum above 0 and no extrapolation, got momentum "
            f"{beta} and extrapolation {gamma}: use heavy_ball."
        )
    return eta, beta


def _remainder(
    model: LinearNetwork, beta: float, before: Weights, now: Weights, after: Weights
) -> torch.Tensor:
    # r_t: the outputs beyond first order of this step, and of the one before seen from here.
    return second_order(model, now, after, after, now) + beta * second_order(
        model, now, now, now, before
    )
