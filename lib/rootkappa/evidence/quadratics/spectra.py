"""Drawn spectra, the three tunings, and radii by an eigenvalue solver."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from rootkappa import draws, dynamics, optimizers
from rootkappa.architectures import Quadratic
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory, grid

Tuning = Callable[[Spectrum], Method]
TUNINGS: dict[str, Tuning] = {
    "gradient descent": optimizers.classical_gradient_descent,
    "heavy ball": optimizers.modular_heavy_ball,
    "nesterov": optimizers.lazy_nesterov,
}
WITH_MOMENTUM = ("heavy ball", "nesterov")
KAPPAS = (1.0001, 1e6)
MODES = 12
# Gradient descent takes 40 kappa steps.
_TRAINED = (4.0, 64.0)


def even(kappa: float, modes: int = 60) -> Spectrum:
    """Give eigenvalues from 1/kappa to 1, even in their logarithm.

    Args:
        kappa: The condition number.
        modes: How many.

    Returns:
        The spectrum.
    """
    return Spectrum.of_values(torch.logspace(-math.log10(kappa), 0, modes, dtype=torch.float64))


def drawn(seed: int, least: float, largest: float) -> Spectrum:
    """Draw a condition number, uniform in its logarithm, and eigenvalues from 1/kappa to 1.

    Args:
        seed: The seed.
        least: The least kappa.
        largest: The largest one; that of the spectrum if the two are equal.

    Returns:
        The spectrum, of which both ends are known.
    """
    source = draws.generator(seed)
    height, *places = torch.rand(MODES + 1, generator=source, dtype=torch.float64).tolist()
    low, high = min(places), max(places)
    kappa = least * (largest / least) ** height
    values = [kappa ** ((place - high) / (high - low)) for place in places]
    return Spectrum.of_values(torch.tensor(values, dtype=torch.float64))


def radius(method: Method, spectrum: Spectrum | torch.Tensor) -> torch.Tensor:
    """Give the radius of each mode by a numerical eigenvalue solver, not by the formula.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum, or eigenvalues.

    Returns:
        Radii, of the eigenvalues' shape.
    """
    moduli: torch.Tensor = torch.linalg.eigvals(dynamics.companion(method, spectrum)).abs()
    return moduli.amax(-1)


def slowest(method: Method, spectrum: Spectrum) -> float:
    """Give the largest radius of a spectrum, by the same solver.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum.

    Returns:
        The radius.
    """
    return float(radius(method, spectrum).max())


def trained(seed: int, tuning: Tuning) -> tuple[Trajectory, Spectrum]:
    """Train a drawn quadratic, of random eigenvectors, from a random start.

    Args:
        seed: The seed of all of them.
        tuning: A tuning.

    Returns:
        The run with its residuals, and the spectrum.
    """
    spectrum = drawn(seed, *_TRAINED)
    vectors = eigenvectors(seed)
    model = Quadratic(vectors * spectrum.eigenvalues.sqrt() @ vectors.T)
    method = tuning(spectrum)
    steps = int(40 / (1 - slowest(method, spectrum)))
    return grid(model, method=method, seed=[seed]).train(steps, keep_residuals=True), spectrum


def eigenvectors(seed: int) -> torch.Tensor:
    """Draw the eigenvectors of the quadratic of a seed.

    Args:
        seed: The seed.

    Returns:
        An orthogonal matrix, an eigenvector a column.
    """
    return draws.haar(MODES, MODES, draws.generator(seed))
