"""The function of Lessard, Recht and Packard, on which heavy ball cycles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from rootkappa import optimizers
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, walk


def lessard_slope(x: torch.Tensor) -> torch.Tensor:
    """Give the derivative of the function of Lessard, Recht and Packard, curvature 1 to 25.

    Args:
        x: Points.

    Returns:
        Slopes, of the same shape.
    """
    return torch.where(x < 1, 25 * x, torch.where(x < 2, x + 24, 25 * x - 24))


def visit(
    method: Method,
    slope: Callable[[torch.Tensor], torch.Tensor] = lessard_slope,
    start: Any = 3.3,
    steps: int = 300,
) -> torch.Tensor:
    """Follow a method on a function of one variable.

    Args:
        method: The method.
        slope: The derivative.
        start: Where it starts, a number or several.
        steps: T.

    Returns:
        Its points, shape (T + 1, ...).
    """
    begin = torch.as_tensor(start, dtype=torch.float64)
    path = walk(method, lambda layers: [slope(layers[0])], [begin], steps)
    return torch.stack([now.point[0] for now in path])


@measures("quadratics/heavy-ball-cycle")
def heavy_ball_cycle() -> Evidence:
    """Compare the end of a run with the cycle of period 3, which three linear equations give.

    Returns:
        The evidence.
    """
    # 9 x' = 13 x - 4 x_before - f'(x) at each corner: f' = 25 x - 24 at the first, 25 x below 1.
    equations = torch.tensor([[12.0, 9.0, 4.0], [4.0, 12.0, 9.0], [9.0, 4.0, 12.0]]).double()
    solved = torch.linalg.solve(equations, torch.tensor([24.0, 0.0, 0.0]).double())

    def compare(points: torch.Tensor) -> dict[str, float]:
        off = (corners(points) - solved).abs().max()
        return {"deviation": float(off), "period_error": period_error(points)}

    method = optimizers.optimal_heavy_ball(1, 25)
    points, straight = visit(method), visit(method, slope=lambda x: 25 * x)
    control = Control(
        "the same run with the flat stretch taken out, a quadratic", compare(straight)
    )
    return Evidence(compare(points), control, shown={"points": points, "cycle": solved})


def corners(points: torch.Tensor) -> torch.Tensor:
    """Give the last three points of a run, from the largest on.

    Args:
        points: The run, shape (T + 1,).

    Returns:
        Three points.
    """
    first = len(points) - 9 + int(points[-9:-6].argmax())
    return points[first : first + 3]


def period_error(points: torch.Tensor) -> float:
    """Give the largest |x_(k+3) - x_k| over the last 27 steps.

    Args:
        points: The run, shape (T + 1,).

    Returns:
        The difference.
    """
    return float((points[-30:-3] - points[-27:]).abs().max())
