"""The deep linear network f(x) = a W_L ... W_1 x, a = (m^{L-1} k)^{-1/2}, all layers trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from rootkappa import _checks
from rootkappa.architectures.linear_network import LinearNetwork
from rootkappa.draws import haar, normal


class DeepLinear(LinearNetwork):
    """A deep linear network with the scaling of Du and Hu (2019).

    The factor a is spread over the layers, m^{-1/2} for every sum over m hidden units and k^{-1/2}
    for the outputs, so that no power of m can overflow at any depth.

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
        super().__init__(X, Y, width, depth)
        self._identity = torch.eye(len(self.Y)).to(self.Y)
        scale = self.width if scale_width is None else scale_width
        self.scale_width = _checks.positive("scale_width", scale)
        self.initialisation = _checks.choice("initialisation", initialisation, _FILLS)
        least = max(len(self.X), len(self.Y))
        if initialisation == "orthogonal" and self.width < least and self.depth > 1:
            raise ValueError(
                f"orthogonal initialisation needs a width of at least max(d, k) = {least}, got "
                f"{self.width}: widen the network."
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
        k, root = len(self.Y), math.sqrt(len(self.Y))
        top = self._identity.expand(len(weights[0]), k, k) / root
        if self.depth == 1:
            return [weights[0] / root, top]
        # The product of the identity and the last layer is that layer.
        products = [top, weights[-1] * (self._contraction / root)]
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
