"""Nesterov's schedule against its solution in orthogonal polynomials, in trained quadratics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from rootkappa import draws
from rootkappa.architectures import Quadratic
from rootkappa.dynamics import gegenbauer
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
            "gegenbauer": lambda seed: nesterov(
                1.0, NesterovSchedule(_drawn(seed).friction + ahead)
            ),
        }
        trained = grid(_quadratic, method=runs, seed=seeds).train(_STEPS, keep_residuals=True)
        return {
            name: [_off(found, seed, name) for found, seed in zip(kept(run), seeds, strict=True)]
            for name, run in by_method(trained).items()
        }

    return Evidence(
        measured(0),
        Control("momentum $(k-1)/(k+r)$ with the formulas for $r$", measured(1)),
    )


class _Draw(NamedTuple):
    # eta lambda from 1e-3 to 0.9, with eta = 1; eigenvectors; r from 2 to 8.
    products: torch.Tensor
    vectors: torch.Tensor
    friction: float


def _drawn(seed: int) -> _Draw:
    source = draws.generator(seed)
    *places, friction = torch.rand(_MODES + 1, generator=source, dtype=torch.float64).unbind()
    products = 1e-3 * 900 ** torch.stack(places)
    return _Draw(products, draws.haar(_MODES, _MODES, source), 2 + 6 * float(friction))


def _quadratic(seed: int) -> Quadratic:
    products, vectors, _ = _drawn(seed)
    return Quadratic(vectors * products.sqrt() @ vectors.T)


def _off(residuals: torch.Tensor, seed: int, name: str) -> float:
    # The largest distance from the solution, over the length of the start.
    products, vectors, friction = _drawn(seed)
    if name == "deviation":
        # x_(k+1) = q y_k, and the run is read at y.
        solved = gegenbauer.legendre_iterates(products, _STEPS + 1) / (1 - products)[:, None]
    else:
        solved = gegenbauer.gegenbauer_response(friction, products, _STEPS)
    start = vectors.T @ residuals[0]
    exact = (vectors @ (start[:, None] * solved)).T
    return float((residuals - exact).norm(dim=1).max() / residuals[0].norm())
