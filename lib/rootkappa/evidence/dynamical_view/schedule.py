"""Nesterov's schedule against its solution in orthogonal polynomials, in trained quadratics."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import draws, dynamics
from rootkappa.architectures import Quadratic
from rootkappa.evidence.dynamical_view.runs import by_method, kept
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import NesterovSchedule, nesterov
from rootkappa.training import grid

_MODES, _STEPS = 12, 400


@measures("dynamical-view/discrete-solution")
def discrete_solution(seeds: Sequence[int]) -> Evidence:
    """Train drawn quadratics with the schedule, and compare every residual with the formulas.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def measured(ahead: float) -> dict[str, list[float]]:
        runs = {
            "deviation": lambda: nesterov(1.0, NesterovSchedule(3 + ahead)),
            "gegenbauer": lambda seed: nesterov(1.0, NesterovSchedule(_friction(seed) + ahead)),
        }
        trained = grid(_quadratic, method=runs, seed=seeds).train(_STEPS, keep_residuals=True)
        return {
            name: [_off(found, seed, name) for found, seed in zip(kept(run), seeds, strict=True)]
            for name, run in by_method(trained).items()
        }

    return Evidence(
        measured(0),
        Control("momentum (k - 1)/(k + r) with the formulas for r", measured(1)),
    )


def _products(seed: int) -> torch.Tensor:
    # eta lambda from 1e-3 to 0.9, with eta = 1.
    places = torch.rand(_MODES, generator=draws.generator(seed), dtype=torch.float64)
    return 1e-3 * 900**places


def _friction(seed: int) -> float:
    return 2 + 6 * float(torch.rand(1, generator=draws.generator(seed), dtype=torch.float64))


def _vectors(seed: int) -> torch.Tensor:
    return draws.haar(_MODES, _MODES, draws.generator(seed))


def _quadratic(seed: int) -> Quadratic:
    vectors = _vectors(seed)
    return Quadratic(vectors * _products(seed).sqrt() @ vectors.T)


def _off(residuals: torch.Tensor, seed: int, name: str) -> float:
    # The largest distance from the solution, over the length of the start.
    products, vectors = _products(seed), _vectors(seed)
    if name == "deviation":
        # x_(k+1) = q y_k, and the run is read at y.
        solved = dynamics.legendre_iterates(products, _STEPS + 1) / (1 - products)[:, None]
    else:
        solved = dynamics.gegenbauer_response(_friction(seed), products, _STEPS)
    start = vectors.T @ residuals[0]
    exact = (vectors @ (start[:, None] * solved)).T
    return float((residuals - exact).norm(dim=1).max() / residuals[0].norm())
