"""The deep linear residual network f(x) = B (I + W_L) ... (I + W_1) A x with fixed A and B."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import torch

from rootkappa import _checks
from rootkappa.architectures.linear_network import LinearNetwork
from rootkappa.draws import generator, normal


class LinearResNet(LinearNetwork):
    """A deep linear residual network with fixed input and output maps.

    Only the hidden weights W_1, ..., W_L are trained. The maps belong to the model and may differ
    from replica to replica, so that runs over several draws of random maps are stacked.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        A: Input map, shape (m, d), or (R, m, d) for R replicas.
        B: Output map, shape (k, m) or (R, k, m).
        depth: L, the number of hidden weight matrices, at least 1.
        hidden_scale: s, for hidden weights that start with entries N(0, s^2/m); 0, as in the
            papers, for hidden weights that start at zero.
        maps: What the maps are, for the reports of theorems.

    Raises:
        ValueError: If a shape does not fit, a number is out of range, or an entry is not finite.
        TypeError: If a dtype is not that of the data, or a number is not whole.

    Source: Zou, Long and Gu (2020); the layout of the maps is reconstructed.

    Example:
        >>> from rootkappa import datasets
        >>> data = datasets.gaussian()
        >>> model = LinearResNet.modified_identity(data.X, data.Y, width=13, depth=4)
        >>> model.shapes[0], float(model.predict(model.initialise([0])).abs().max())
        ((13, 13), 0.0)
    """

    def __init__(
        self,
        X: torch.Tensor,
        Y: torch.Tensor,
        A: torch.Tensor,
        B: torch.Tensor,
        depth: int,
        *,
        hidden_scale: float = 0.0,
        maps: str = "given",
    ) -> None:
        X, Y = _checks.data(X, Y)
        self.A, self.B = _maps(X, Y, A, B)
        super().__init__(X, Y, self.A.shape[1], depth)
        remedy = "use 0 for hidden weights that start at zero"
        self.hidden_scale = _checks.at_least("hidden_scale", hidden_scale, 0.0, remedy)
        self.maps = maps

    @classmethod
    def gaussian(
        cls,
        X: torch.Tensor,
        Y: torch.Tensor,
        width: int,
        depth: int,
        seeds: Sequence[int],
        input_scale: float = 1.0,
        output_scale: float = 1.0,
    ) -> Self:
        """Draw Gaussian maps, a replica a seed: A from N(0, s_A^2/m) and B from N(0, s_B^2/m).

        Args:
            X: Inputs, shape (d, n).
            Y: Labels, shape (k, n).
            width: m, at least 1.
            depth: L.
            seeds: One seed a replica.
            input_scale: s_A.
            output_scale: s_B.

        Returns:
            The network, with as many replicas as seeds.
        """
        X, Y = _checks.data(X, Y)
        width = _checks.count("width", width)
        root = math.sqrt(width)
        a = _checks.positive("input_scale", input_scale) / root
        b = _checks.positive("output_scale", output_scale) / root
        sources = [generator(seed) for seed in _checks.seeds(seeds)]
        A = torch.stack([a * normal((width, len(X)), source) for source in sources])
        B = torch.stack([b * normal((len(Y), width), source) for source in sources])
        return cls(X, Y, A.to(X), B.to(X), depth, maps="gaussian")

    @classmethod
    def identity(
        cls,
        X: torch.Tensor,
        Y: torch.Tensor,
        width: int,
        depth: int,
        input_scale: float = 1.0,
        output_scale: float = 1.0,
    ) -> Self:
        """Use the first coordinates for both maps: A = s_A (I; 0) and B = s_B (I 0).

        Args:
            X: Inputs, shape (d, n).
            Y: Labels, shape (k, n).
            width: m, at least max(d, k).
            depth: L.
            input_scale: s_A.
            output_scale: s_B.

        Returns:
            The network.
        """
        X, Y = _checks.data(X, Y)
        width = _checks.count("width", width, least=max(len(X), len(Y)))
        A = _checks.positive("input_scale", input_scale) * torch.eye(width, len(X)).to(X)
        B = _checks.positive("output_scale", output_scale) * torch.eye(len(Y), width).to(X)
        return cls(X, Y, A, B, depth, maps="identity")

    @classmethod
    def modified_identity(
        cls,
        X: torch.Tensor,
        Y: torch.Tensor,
        width: int,
        depth: int,
        input_scale: float = 1.0,
        output_scale: float = 1.0,
    ) -> Self:
        """Use the first coordinates for A and the last ones for B, so that B A = 0.

        Args:
            X: Inputs, shape (d, n).
            Y: Labels, shape (k, n).
            width: m, at least d + k.
            depth: L.
            input_scale: s_A.
            output_scale: s_B.

        Returns:
            The network.

        Raises:
            ValueError: If the width is below d + k.
        """
        X, Y = _checks.data(X, Y)
        needed, width = len(X) + len(Y), _checks.count("width", width)
        if width < needed:
            raise ValueError(
                f"the modified identity needs a width of at least d + k = {needed}, got {width}: "
                "widen the network, so that the maps do not share coordinates."
            )
        A = _checks.positive("input_scale", input_scale) * torch.eye(width, len(X)).to(X)
        B = _checks.positive("output_scale", output_scale) * torch.eye(len(Y), width).to(X)
        return cls(X, Y, A, B.flip(1).flip(0), depth, maps="modified identity")

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape (m, m) of W_1, ..., W_L."""
        return [(self.width, self.width)] * self.depth

    @property
    def replicas(self) -> int | None:
        """How many draws of the maps there are; None if all replicas share one."""
        return len(self.A) if len(self.A) > 1 else None

    def select(self, rows: Sequence[int]) -> Self:
        """Give the network of some replicas, in the order asked for; a row may come twice.

        Args:
            rows: Which replicas, such as [0].

        Returns:
            The network; itself if all replicas share one pair of maps.
        """
        chosen = self._rows(rows)
        if self.replicas is None:
            return self
        return type(self)(
            self.X,
            self.Y,
            self.A[chosen],
            self.B[chosen],
            self.depth,
            hidden_scale=self.hidden_scale,
            maps=self.maps,
        )

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        if self.hidden_scale == 0:
            return [torch.zeros(shape, dtype=torch.float64) for shape in self.shapes]
        deviation = self.hidden_scale / math.sqrt(self.width)
        return [deviation * normal(shape, source) for shape in self.shapes]

    def products_above(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Give S_l = B (I + W_L) ... (I + W_{l+1}), and the end-to-end map S_0.

        Args:
            weights: One tensor (R, m, m) a layer.

        Returns:
            S_0 = B (I + W_L) ... (I + W_1) A, shape (R, k, d), and S_1, ..., S_L, shape (R, k, m).
        """
        products = [self.B.expand(len(weights[0]), -1, -1)]
        for layer in reversed(weights):
            products.append(torch.baddbmm(products[-1], products[-1], layer))
        products[-1] = products[-1] @ self.A
        return products[::-1]

    def products_below(
        self, weights: Sequence[torch.Tensor], start: torch.Tensor
    ) -> list[torch.Tensor]:
        """Carry rows through the layers: Q_1 = start A^T, Q_{l+1} = Q_l (I + W_l)^T.

        Args:
            weights: One tensor (R, m, m) a layer.
            start: Rows of inputs, shape (R, q, d).

        Returns:
            Q_1, ..., Q_L, each of shape (R, q, m).
        """
        rows = [start @ self.A.mT]
        for layer in weights[:-1]:
            rows.append(torch.baddbmm(rows[-1], rows[-1], layer.mT))
        return rows


def _maps(
    X: torch.Tensor, Y: torch.Tensor, A: torch.Tensor, B: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    # Both with a replica axis, of the same length.
    A, B = _checks.floating("A", A), _checks.floating("B", B)
    for name, matrix in (("A", A), ("B", B)):
        if matrix.ndim not in (2, 3):
            raise ValueError(
                f"{name} must be a matrix, or a stack of them, got shape {tuple(matrix.shape)}: "
                "give A as (m, d) and B as (k, m)."
            )
        if matrix.dtype != X.dtype or matrix.device != X.device:
            raise TypeError(
                f"{name} is {matrix.dtype} on {matrix.device} and X is {X.dtype} on {X.device}: "
                f"bring them together with {name}.to(X)."
            )
    A, B = (matrix if matrix.ndim == 3 else matrix[None] for matrix in (A, B))
    if A.shape[2] != len(X) or B.shape[1] != len(Y) or A.shape[1] != B.shape[2]:
        raise ValueError(
            f"A has shape {tuple(A.shape[1:])} and B {tuple(B.shape[1:])}: with d = {len(X)} "
            f"inputs and k = {len(Y)} outputs give A as (m, {len(X)}) and B as ({len(Y)}, m)."
        )
    replicas = max(len(A), len(B))
    if {len(A), len(B)} - {1, replicas}:
        raise ValueError(
            f"A has {len(A)} replicas and B has {len(B)}: give as many of both, or one."
        )
    return A.expand(replicas, -1, -1), B.expand(replicas, -1, -1)
