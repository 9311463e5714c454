"""Drawn two-layer networks: points of the sphere, labels and weights, each from its own seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from scipy import special

from rootkappa import datasets, devices, dynamics, optimizers
from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.datasets import Dataset
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory

Tuning = Callable[[Spectrum], Method]

METHODS: dict[str, Tuning] = {
    "gradient_descent": optimizers.classical_gradient_descent,
    "heavy_ball": optimizers.modular_heavy_ball,
    "nesterov": optimizers.lazy_nesterov,
}
WITH_MOMENTUM = ("heavy_ball", "nesterov")


def inputs(seed: int, n: int = 20, d: int = 10) -> Dataset:
    """Draw points of the sphere with labels N(0, 1).

    Args:
        seed: The seed of a draw. Its weights have the same one, and other random numbers.
        n: How many points.
        d: Their dimension.

    Returns:
        The data.
    """
    return datasets.sphere(d=d, n=n, seed=devices.seed(data=seed))


def network(seed: int, width: int, initialisation: str = "gaussian") -> TwoLayerReLU:
    """Give a network on the points of a draw.

    Args:
        seed: The seed of the draw.
        width: m.
        initialisation: As for `TwoLayerReLU`.

    Returns:
        The network.
    """
    data = inputs(seed)
    return TwoLayerReLU(data.X, data.Y, width, initialisation)


def started(seed: int, width: int) -> tuple[TwoLayerReLU, Weights]:
    """Give a network of a draw with its weights.

    Args:
        seed: The seed of the draw.
        width: m.

    Returns:
        The network and its weights, one replica.
    """
    model = network(seed, width)
    return model, model.initialise([seed])


def speed(method: Method, spectrum: Spectrum) -> float:
    """Give 1 - rho of the slowest mode of a frozen kernel.

    Args:
        method: A method with constant numbers.
        spectrum: The kernel's spectrum.

    Returns:
        1 - rho.
    """
    return 1 - float(dynamics.spectral_radius(method, spectrum).max())


def promised(run: Trajectory) -> float:
    """Give 1 - rho of one run, if its kernel stayed that of the start.

    Args:
        run: The run of one replica.

    Returns:
        1 - rho.
    """
    return speed(run.methods[0], run.model.spectra(run.start)[0])


def by_draw(rows: Sequence[dict[str, float]]) -> dict[str, list[float]]:
    """Turn a dictionary a draw into numbers a quantity.

    Args:
        rows: What was measured, one dictionary a draw.

    Returns:
        Each quantity with one number a draw.
    """
    return {name: [row[name] for row in rows] for name in rows[0]}


def mean_speed(residuals: torch.Tensor) -> float:
    """Give the mean of 1 - factor over a window.

    Args:
        residuals: Shape (T + 1, n).

    Returns:
        One minus the T-th root of last norm over first.
    """
    first, last = residuals[0].norm(), residuals[-1].norm()
    return 1 - math.exp(math.log(float(last / first)) / (len(residuals) - 1))


def residuals_of(run: Trajectory) -> torch.Tensor:
    """Give the residuals of a run of one replica.

    Args:
        run: The run, with its residuals.

    Returns:
        Shape (T + 1, n).

    Raises:
        ValueError: If they were not kept.
    """
    if run.residuals is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    return run.residuals[0]


def mean_of(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """Give the mean over the draws with its 95 % interval.

    Args:
        values: One a draw.

    Returns:
        The mean, and Student's interval.
    """
    each = torch.tensor(list(values), dtype=torch.float64)
    mean = float(each.mean())
    reach = float(special.stdtrit(len(each) - 1, 0.975) * each.std() / math.sqrt(len(each)))
    return mean, (mean - reach, mean + reach)


def geometric_mean_of(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """Give the geometric mean over the draws with its 95 % interval.

    Args:
        values: One a draw, above 0.

    Returns:
        The mean, and Student's interval of the logarithms.
    """
    mean, (low, high) = mean_of([math.log(value) for value in values])
    return math.exp(mean), (math.exp(low), math.exp(high))
