"""The deep linear network f(x) = a W_L ... W_1 x, a = (m^{L-1} k)^{-1/2}, all layers trained."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, kronecker
from rootkappa.datasets import Dataset, reduce_to_rank
from rootkappa.draws import haar, normal


class DeepLinear(Model):
    """A deep linear network with the scaling of Du and Hu (2019).

    The factor a is spread over the layers, m^{-1/2} for every sum over m hidden units and k^{-1/2}
    for the outputs, so that no power of m can overflow at any depth.

    Every gradient is S_l^T Q_l with S_l the product of the layers above (k rows) and Q_l the
    correlation (U - Y) X^T carried through the layers below (k rows). Both chains have k columns,
    so a step costs 6 k m^2 operations a hidden layer whatever the number of samples.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m, at least 1; at least max(d, k) for orthogonal initialisation.
        depth: L, the number of weight matrices, at least 1.
        initialisation: "gaussian" (entries N(0, 1)) or "orthogonal" (m^{1/2} times Haar
            matrices with orthonormal rows or columns).
        scale_width: The m of the factor a where it is not the width: a reduced network keeps the
            scale of the wide one that it stands for.

    Raises:
        ValueError: If a number or shape is out of range, or data are not finite.
        TypeError: If a dtype is not floating point.

    Source: Du and Hu (2019) for the scaling and the Gaussian draw; Hu, Xiao and Pennington (2020),
    Section 4, for the orthogonal one.
    """

    def __init__(
        self,
        X: torch.Tensor,
        Y: torch.Tensor,
        width: int,
        depth: int,
        initialisation: str = "gaussian",
        scale_width: float | None = None,
    ) -> None:
        _checks.data(X, Y)
        super().__init__(Y)
        self.X = X
        self.width = _checks.count("width", width)
        self.depth = _checks.count("depth", depth)
        k = len(Y)
        self._top = torch.eye(k, dtype=Y.dtype, device=Y.device) / math.sqrt(k)
        self.scale_width = _checks.positive("scale_width", scale_width or width)
        self.initialisation = _checks.choice("initialisation", initialisation, _FILLS)
        if initialisation == "orthogonal" and width < max(len(X), len(Y)) and depth > 1:
            raise ValueError(
                f"orthogonal initialisation needs a width of at least max(d, k) = "
                f"{max(len(X), len(Y))}, got {width}: widen the network."
            )

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape (rows, cols) of W_1, ..., W_L."""
        sizes = [len(self.X), *[self.width] * (self.depth - 1), len(self.Y)]
        return [(rows, cols) for cols, rows in pairwise(sizes)]

    @property
    def _contraction(self) -> float:
        return 1 / math.sqrt(self.scale_width)

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        fill = _FILLS[self.initialisation]
        return [fill(shape, self.width, source) for shape in self.shapes]

    def products_above(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give S_l = a W_L ... W_{l+1}, scaled for the sum over the units of layer l.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            S_0, ..., S_L of shapes (R, k, d), (R, k, m), ..., (R, k, k); S_0 is the end-to-end map.
        """
        products = [self._top.expand(len(weights[0]), -1, -1)]
        if self.depth > 1:
            # A product with the identity, without forming it.
            products.append(weights[-1] * (self._contraction / math.sqrt(len(self.Y))))
        for layer in reversed(weights[1:-1]):
            products.append(_scaled_product(products[-1], layer, self._contraction))
        products.append(products[-1] @ weights[0])
        return products[::-1]

    def products_below(
        self, weights: Sequence[torch.Tensor], start: torch.Tensor
    ) -> list[torch.Tensor]:
        """Carry rows through the layers: Q_1 = start, Q_{l+1} = m^{-1/2} Q_l W_l^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.
            start: Rows of inputs, shape (R, q, d).

        Returns:
            Q_1, ..., Q_L of shapes (R, q, d), (R, q, m), ..., (R, q, m).
        """
        rows = [start]
        for layer in weights[:-1]:
            rows.append(_scaled_product(rows[-1], layer.mT, self._contraction))
        return rows

    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U = a W_L ... W_1 X.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Outputs, shape (R, k, n).
        """
        return self.products_above(weights)[0] @ self.X

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients a (W_L ... W_{l+1})^T (U - Y) (W_{l-1} ... X)^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            The residual, shape (R, k, n), and a pair (S_l^T, Q_l) a layer.
        """
        above = self.products_above(weights)
        residual = above[0] @ self.X - self.Y
        below = self.products_below(weights, residual @ self.X.mT)
        return residual, [(S.mT, Q) for S, Q in zip(above[1:], below, strict=True)]

    def condensed(self) -> tuple[Model, float]:
        """Replace the samples by rank X of them: what lies outside the rows of X never moves.

        Returns:
            The network on the reduced data, and twice the least loss of any linear map.
        """
        if self.Y.shape[1] <= len(self.X) or not self.X.any():
            return self, 0.0
        data = Dataset(self.X, self.Y, "")
        less = copy.copy(self)
        reduced = reduce_to_rank(data)
        less.X, less.Y = reduced.X, reduced.Y
        return less, 2 * data.interpolation_error

    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give H = a^2 sum_l (features below)^T (features below) (x) (above)(above)^T.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            Kernels, shape (R, k n, k n).

        Source: Hu, Xiao and Pennington (2020), equation (7).
        """
        return self.cross_kernel(weights, weights)

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
        inputs = self.X.mT.expand(len(weights[0]), -1, -1)
        sides = [
            (self.products_below(point, inputs), self.products_above(point)[1:])
            for point in (weights, others)
        ]
        terms = [
            kronecker(h @ g.mT, S @ T.mT) for h, S, g, T in zip(*sides[0], *sides[1], strict=True)
        ]
        return torch.stack(terms).sum(0)


def _scaled_product(A: torch.Tensor, B: torch.Tensor, scale: float) -> torch.Tensor:
    return torch.baddbmm(A.new_empty(1, 1, 1), A, B, beta=0, alpha=scale)


def _gaussian(shape: tuple[int, int], width: int, source: torch.Generator) -> torch.Tensor:
    return normal(shape, source)


def _orthogonal(shape: tuple[int, int], width: int, source: torch.Generator) -> torch.Tensor:
    return math.sqrt(width) * haar(*shape, source)


_FILLS: dict[str, Callable[[tuple[int, int], int, torch.Generator], torch.Tensor]] = {
    "gaussian": _gaussian,
    "orthogonal": _orthogonal,
}
