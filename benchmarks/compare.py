"""All peers must have solved the same problem."""

from __future__ import annotations

import torch

TOLERANCE = 1e-9


def disagreement(ours: torch.Tensor, theirs: torch.Tensor, tolerance: float = TOLERANCE) -> float:
    """The largest relative difference of two tables of losses, over all runs and steps.

    Raises:
        ValueError: If it exceeds the tolerance: a time is worth nothing then.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"losses have shapes {tuple(ours.shape)} and {tuple(theirs.shape)}.")
    found = float(((theirs - ours).abs() / ours.abs()).max())
    if not found <= tolerance:
        raise ValueError(
            f"losses differ by {found:.1e} relative, more than {tolerance:.0e}: the peers did not "
            "solve the same problem, so their times cannot be compared."
        )
    return found
