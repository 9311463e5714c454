"""Experiments like that of the paper's Figure 1, with numbers that are known.

Ten ReLU models and starts, gradient descent and Nesterov side by side, means over the ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa import devices, draws
from rootkappa.evidence.additive_models.drawn import Draw, between, drawn
from rootkappa.optimizers import Method, gradient_descent, nesterov, walk

Momentum = Callable[[float], float]

# Trials and steps, ends of kappa / c and of c, strength of u and reading error.
_TRIALS, _STEPS = 10, 100
_OVER_C, _C = (10.0, 40.0), (0.3, 1.0)
_WEAK, _DIGITS = 0.01, 1e-5


@dataclass(frozen=True)
class Experiment:
    """An experiment like that of the figure, with numbers that are known.

    Args:
        curves: "gd", "nag" and "dx", means of ten trials, read to five digits.
        kappa_over_c: 1 over eta times the least eigenvalue.
        eta: The step size.
        c: eta times the largest eigenvalue.
    """

    curves: dict[str, torch.Tensor]
    kappa_over_c: float
    eta: float
    c: float


def theirs(t_min: float) -> float:
    """Give the theorem's momentum.

    Args:
        t_min: c / kappa.

    Returns:
        beta.
    """
    root = math.sqrt(t_min)
    return (4 - root) / (4 + 7 * root)


def classical(t_min: float) -> float:
    """Give the classical momentum.

    Args:
        t_min: c / kappa.

    Returns:
        beta.
    """
    return (1 - math.sqrt(t_min)) / (1 + math.sqrt(t_min))


def experiment(seed: int, momentum: Momentum = theirs) -> Experiment:
    """Run an experiment with drawn numbers, matrices and starts.

    Args:
        seed: The seed of all of them.
        momentum: Nesterov's momentum as a function of c / kappa.

    Returns:
        The experiment.
    """
    source = draws.generator(devices.seed(part="figure 1", seed=seed))
    c_at, over_c_at = torch.rand(2, generator=source, dtype=torch.float64).tolist()
    c, over_c = between(_C, c_at), between(_OVER_C, over_c_at)
    eta, kappas = 1 / over_c, (c * over_c, c * over_c)  # mu is 1
    trials = Trials(
        [
            drawn(devices.seed(seed=seed, trial=trial), (_WEAK, _WEAK), 1.0, "relu", kappas)
            for trial in range(_TRIALS)
        ]
    )
    slow, _ = trials.run(gradient_descent(eta))
    fast, moved = trials.run(nesterov(eta, momentum(eta)))
    curves = {
        name: curve * (1 + _DIGITS * draws.normal(tuple(curve.shape), source))
        for name, curve in (("gd", slow), ("nag", fast), ("dx", moved))
    }
    return Experiment(curves, over_c, eta, c)


class Trials:
    """ReLU models side by side, each with its own start.

    Args:
        trials: The models and starts, of one size.
    """

    def __init__(self, trials: Sequence[Draw]) -> None:
        models = [of.model for of in trials]
        self.A1, self.A2 = (torch.stack([getattr(m, A) for m in models]) for A in ("A1", "A2"))
        self.b = torch.stack([model.Y for model in models])
        self.start = [torch.cat(layer) for layer in zip(*(of.start for of in trials), strict=True)]

    def residual(self, layers: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give A1 x + relu(A2 u) - b.

        Args:
            layers: x and u.

        Returns:
            Residuals, shape (R, m, 1).
        """
        residual: torch.Tensor = self.A1 @ layers[0] + (self.A2 @ layers[1]).relu() - self.b
        return residual

    def gradient(self, layers: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give the gradients along x and u.

        Args:
            layers: x and u.

        Returns:
            One tensor each.
        """
        residual = self.residual(layers)
        return [self.A1.mT @ residual, self.A2.mT @ ((self.A2 @ layers[1] > 0) * residual)]

    def run(self, method: Method) -> tuple[torch.Tensor, torch.Tensor]:
        """Run a method, and average over the trials.

        Args:
            method: The method.

        Returns:
            Mean losses at the iterates, and mean squared steps of x.
        """
        losses, squares = self.path(method)
        return losses.mean(0), squares[:, :, 0].mean(0)

    def path(self, method: Method) -> tuple[torch.Tensor, torch.Tensor]:
        """Run a method.

        Args:
            method: The method.

        Returns:
            Losses at the iterates, shape (R, T + 1), and the squared steps of x and of u, shape
            (R, T, 2).
        """
        path = list(walk(method, self.gradient, self.start, _STEPS))
        losses = [self.residual(step.weights).square().sum((1, 2)) / 2 for step in path]
        steps = [
            torch.stack([part.square().sum((1, 2)) for part in step.velocity], 1)
            for step in path[1:]
        ]
        return torch.stack(losses, 1), torch.stack(steps, 1)
