"""Inputs and labels with a description, and their exact reduction to rank size."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from rootkappa import _checks


@dataclass(frozen=True)
class Dataset:
    """Inputs and labels, one column a sample.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        description: One sentence for a page.

    Raises:
        ValueError: If shapes do not fit or an entry is not finite.
        TypeError: If a dtype is not floating point.
    """

    X: torch.Tensor
    Y: torch.Tensor
    description: str

    def __post_init__(self) -> None:
        """Check the pair."""
        _checks.data(self.X, self.Y)

    @property
    def condition_number(self) -> float:
        """kappa(X) = sigma_max(X)^2 / sigma_r(X)^2: the square of the singular value ratio."""
        values = torch.linalg.svdvals(self.X)
        kept = values[: _rank(values, self.X.shape)]
        return float((kept[0] / kept[-1]) ** 2)

    @property
    def interpolation_error(self) -> float:
        """The least loss of any linear map, 1/2 min_W ||W X - Y||_F^2."""
        _, S, Qt = torch.linalg.svd(self.X, full_matrices=False)
        rows = Qt[: _rank(S, self.X.shape)]
        return float((self.Y - self.Y @ rows.mT @ rows).square().sum()) / 2

    def to(self, device: torch.device, dtype: torch.dtype) -> Dataset:
        """Move the data.

        Args:
            device: The device.
            dtype: The dtype.

        Returns:
            The same data there.
        """
        return Dataset(self.X.to(device, dtype), self.Y.to(device, dtype), self.description)


def reduce_to_rank(data: Dataset) -> Dataset:
    """Replace n samples by r = rank X of them, exactly, for every network that is linear in x.

    With the thin singular value decomposition X = P S Q^T the reduced data are P S and Y Q. All
    gradients with respect to weights are unchanged; the loss drops by the constant
    1/2 min_W ||W X - Y||_F^2.

    Args:
        data: X (d, n) and Y (k, n).

    Returns:
        The data with X (d, r) and Y (k, r).

    Raises:
        ValueError: If X is zero.

    Source: Hu, Xiao and Pennington (2020), Assumption 4.1; Du and Hu (2019), Appendix B.

    Example:
        >>> from rootkappa.datasets import gaussian
        >>> reduce_to_rank(gaussian(n=50, d=4, k=2)).X.shape
        torch.Size([4, 4])
    """
    P, S, Qt = torch.linalg.svd(data.X, full_matrices=False)
    r = _rank(S, data.X.shape)
    if r == 0:
        raise ValueError("X is zero and has no direction to learn from: give other inputs.")
    return Dataset(P[:, :r] * S[:r], data.Y @ Qt[:r].mT, data.description)


def _rank(singular_values: torch.Tensor, shape: torch.Size) -> int:
    cut = singular_values[0] * max(shape) * torch.finfo(singular_values.dtype).eps
    return int((singular_values > cut).sum())
