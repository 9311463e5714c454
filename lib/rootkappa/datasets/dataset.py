"""Inputs and labels with a description, and their exact reduction to rank size."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.draws import generator
from rootkappa.problems import numerical_rank


@dataclass(frozen=True)
class Dataset:
    """Inputs and labels, one column a sample.

    Args:
        X: Inputs, shape (d, n); a tensor, a NumPy array or a nested list.
        Y: Labels, shape (k, n).
        description: One sentence for a page.

    Raises:
        ValueError: If shapes do not fit or an entry is not finite.
        TypeError: If a dtype is not floating point.
    """

    X: torch.Tensor
    Y: torch.Tensor
    description: str = "data of your own"

    def __post_init__(self) -> None:
        """Check the pair."""
        X, Y = _checks.data(self.X, self.Y)
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "Y", Y)

    @property
    def condition_number(self) -> float:
        """kappa(X) = sigma_max(X)^2 / sigma_r(X)^2: the square of the singular value ratio."""
        values = torch.linalg.svdvals(self.X)
        kept = values[: self._rank(values)]
        return float((kept[0] / kept[-1]) ** 2)

    @property
    def interpolation_error(self) -> float:
        """The least loss of any linear map, 1/2 min_W ||W X - Y||_F^2."""
        _, S, Qt = torch.linalg.svd(self.X, full_matrices=False)
        rows = Qt[: numerical_rank(S, max(self.X.shape))]
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

    def reduced(self) -> Dataset:
        """Replace n samples by r = rank X, exactly, for every network that is linear in x.

        With the thin singular value decomposition X = P S Q^T the reduced data are P S and Y Q. All
        gradients with respect to weights are unchanged; the loss drops by the constant
        1/2 min_W ||W X - Y||_F^2.

        Returns:
            The data with X (d, r) and Y (k, r).

        Raises:
            ValueError: If X is zero.

        Source: Hu, Xiao and Pennington (2020), Assumption 4.1; Du and Hu (2019), Appendix B.

        Example:
            >>> from rootkappa.datasets import gaussian
            >>> gaussian(n=50, d=4, k=2).reduced().X.shape
            torch.Size([4, 4])
        """
        P, S, Qt = torch.linalg.svd(self.X, full_matrices=False)
        r = self._rank(S)
        return Dataset(P[:, :r] * S[:r], self.Y @ Qt[:r].mT, self.description)

    def subsample(self, n: int, seed: int = 0) -> Dataset:
        """Draw samples without replacement.

        Args:
            n: How many, at most as many as there are.
            seed: Seed of the draw.

        Returns:
            The data with n samples.

        Raises:
            ValueError: If n is out of range.
        """
        there, n = self.X.shape[1], _checks.count("n", n)
        if n > there:
            raise ValueError(f"there are {there} samples, got n = {n}: ask for fewer.")
        chosen = torch.randperm(there, generator=generator(seed))[:n].to(self.X.device)
        return Dataset(self.X[:, chosen], self.Y[:, chosen], f"{n} of {self.description}")

    def _rank(self, singular_values: torch.Tensor) -> int:
        rank = numerical_rank(singular_values, max(self.X.shape))
        if rank == 0:
            raise ValueError("X is zero and has no direction to learn from: give other inputs.")
        return rank
