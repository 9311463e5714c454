"""What is drawn: additive models with their start, over condition numbers and strengths of u."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import devices, draws
from rootkappa.architectures import AdditiveModel, Weights
from rootkappa.problems import PartitionConstants

KAPPAS = (20.0, 100.0)
# sigma_max(A2) / sigma_min(A1): certified at c = 1/4 for all these kappa, and from there on up.
CERTIFIED = (0.0007, 0.007)
STRENGTHS = (0.007, 3.0)
CONSTANTS_C = (0.25, 1.0)
# The least eigenvalue of A1^T A1 in most controls; 1 is told.
LOWER = 0.1
SIZE = 40


@dataclass(frozen=True)
class Draw:
    """An additive model with one start.

    Args:
        model: The model, with mu = 1 unless it was lowered.
        start: x_0 and u_0, N(0, 1).
        told: The constants that methods and theorems are told.
        strength: sigma_max(A2) over the least singular value of A1 that is told.
    """

    model: AdditiveModel
    start: Weights
    told: PartitionConstants
    strength: float


def drawn(
    seed: int,
    strengths: tuple[float, float] = STRENGTHS,
    least: float = 1.0,
    activation: Any = None,
    kappas: tuple[float, float] = KAPPAS,
) -> Draw:
    """Draw an additive model and its start.

    Condition number and strength are uniform in their logarithm. So are the eigenvalues of
    A1^T A1, between their ends. Singular vectors are Haar, A2 is Gaussian and scaled.

    Args:
        seed: The seed of all of it.
        strengths: The least and the largest strength; 0 for no u at all.
        least: The least eigenvalue of A1^T A1, which is told to be 1.
        activation: One of the library's, drawn if None; or an `Activation`.
        kappas: The least and the largest condition number.

    Returns:
        The draw.
    """
    source = draws.generator(_seed("numbers", seed))
    kappa_at, strength_at, which, *places = torch.rand(
        SIZE + 3, generator=source, dtype=torch.float64
    ).tolist()
    kappa, strength = between(kappas, kappa_at), between(strengths, strength_at)
    ends = (min(places), max(places))
    values = [kappa ** ((place - ends[0]) / (ends[1] - ends[0]) / 2) for place in sorted(places)]
    values[0] = least**0.5
    model = AdditiveModel.drawn(
        torch.tensor(values[::-1], dtype=torch.float64),
        strength,
        activation=activation or ("relu", "leaky relu", "tanh")[int(3 * which)],
        seed=_seed("model", seed),
    )
    told = PartitionConstants.additive(1.0, kappa**0.5, strength)
    start = model.initialise([_seed("start", seed)])
    return Draw(model, start, told, strength)


def between(ends: tuple[float, float], place: float) -> float:
    """Give a number between two, by its place on the logarithmic scale.

    Args:
        ends: The two numbers, above 0 or both 0.
        place: In [0, 1].

    Returns:
        The number.
    """
    return ends[0] * (ends[1] / ends[0]) ** place if ends[0] else 0.0


def _seed(part: str, seed: int) -> int:
    # Matrices, start and numbers are independent of each other.
    return devices.seed(chapter="additive models", part=part, seed=seed)
