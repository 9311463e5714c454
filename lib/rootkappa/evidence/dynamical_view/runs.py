"""What the measurements read of labelled runs."""

from __future__ import annotations

import torch

from rootkappa.training import Trajectory


def by_method(runs: Trajectory) -> dict[str, Trajectory]:
    """Split runs along their methods.

    Args:
        runs: The runs.

    Returns:
        The runs of each method, by its name.
    """
    return {str(name): of for name, of in runs.by("method").items()}


def kept(runs: Trajectory) -> torch.Tensor:
    """Give the residual vectors of runs that kept them.

    Args:
        runs: The runs.

    Returns:
        Residuals, shape (R, T + 1, n).

    Raises:
        ValueError: If they were not kept.
    """
    if runs.residuals is None:
        raise ValueError("the runs kept no residuals: train with keep_residuals=True.")
    return runs.residuals
