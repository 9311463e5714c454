"""What networks without activations share: two chains of products give everything.

Every gradient is S_l^T Q_l with S_l the product of the layers above (k rows) and Q_l the
correlation (U - Y) X^T carried through the layers below (k rows). Both chains have k rows, so a
step costs 6 k m^2 operations a hidden layer whatever the number of samples.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, takes_weights


class LinearNetwork(Model):
    """A network that is linear in its inputs.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m, at least 1.
        depth: L, the number of trained layers, at least 1.

    Raises:
        ValueError: If a number or shape is out of range, or data are not finite.
        TypeError: If a dtype is not floating point, or a number is not whole.
    """

    def __init__(self, X: torch.Tensor, Y: torch.Tensor, width: int, depth: int) -> None:
        X, Y = _checks.data(X, Y)
        super().__init__(Y)
        self.X = X
        self.width = _checks.count("width", width)
        self.depth = _checks.count("depth", depth)

    @abstractmethod
    def products_above(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give S_l, the map from what layer l puts out to the outputs, for l = L, ..., 1, and S_0.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            S_0, ..., S_L, each with k rows; S_0, shape (R, k, d), is the end-to-end map.
        """

    @abstractmethod
    def products_below(
        self, weights: Sequence[torch.Tensor], start: torch.Tensor
    ) -> list[torch.Tensor]:
        """Carry rows of inputs up to what every layer takes in.

        Args:
            weights: One tensor (R, rows, cols) a layer.
            start: Rows of inputs, shape (R, q, d).

        Returns:
            Q_1, ..., Q_L, each with q rows.
        """

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the outputs U = S_0 X.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Outputs, shape (R, k, n).
        """
        return self.products_above(weights)[0] @ self.X

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients S_l^T Q_l, with Q carried up from (U - Y) X^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            The residual, shape (R, k, n), and a pair (S_l^T, Q_l) a layer.
        """
        return self._factors(weights, None)

    def batch_factors(
        self, weights: Sequence[torch.Tensor], shares: torch.Tensor
    ) -> tuple[torch.Tensor, Factors]:
        """Give the residual on all data and the gradient in which sample i counts shares_i times.

        Args:
            weights: One tensor (R, rows, cols) a layer.
            shares: Weights of the samples, shape (R, n).

        Returns:
            The residual, shape (R, k, n), and a pair of factors a layer.
        """
        return self._factors(weights, shares)

    def _factors(
        self, weights: Sequence[torch.Tensor], shares: torch.Tensor | None
    ) -> tuple[torch.Tensor, Factors]:
        above = self.products_above(weights)
        residual = above[0] @ self.X - self.Y
        counted = residual if shares is None else residual * shares[:, None, :]
        below = self.products_below(weights, counted @ self.X.mT)
        return residual, [(S.mT, Q) for S, Q in zip(above[1:], below, strict=True)]

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give H = sum_l (features below)^T (features below) (x) (above)(above)^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Kernels, shape (R, k n, k n).

        Source: Hu, Xiao and Pennington (2020), equation (7).
        """
        sides = self._sides(weights)
        return self._products(sides, sides)

    @takes_weights
    def cross_kernel(
        self, weights: Sequence[torch.Tensor], others: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Give J(weights) J(others)^T, the kernel between two points of a trajectory.

        Args:
            weights: One tensor (R, rows, cols) a layer.
            others: The same shapes.

        Returns:
            Matrices, shape (R, k n, k n).
        """
        return self._products(self._sides(weights), self._sides(self.fitting(others)))

    def _sides(self, weights: Sequence[torch.Tensor]) -> tuple[list[torch.Tensor], ...]:
        # What every layer takes in, on all samples, and the maps above it.
        inputs = self.X.mT.expand(len(weights[0]), -1, -1)
        return self.products_below(weights, inputs), self.products_above(weights)[1:]

    def _products(self, *sides: tuple[list[torch.Tensor], ...]) -> torch.Tensor:
        # One contraction over the layers, in place of a Kronecker product for each.
        below, above = (
            torch.stack([a @ b.mT for a, b in zip(*pair, strict=True)])
            for pair in zip(*sides, strict=True)
        )
        size = self.Y.numel()
        return torch.einsum("lrij,lrab->riajb", below, above).reshape(-1, size, size)
