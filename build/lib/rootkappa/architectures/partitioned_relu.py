"""A deep ReLU network with its partition, in the plain coordinates.

`RotatedReLU` turns the last layer; here it stays, and z = W_L Q_2 is kept as W_L - x Q_1^T, with
the same length. Nothing of size w^2 is formed, so that wide networks can be followed step by step.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa.architectures.deep_relu import DeepReLU
from rootkappa.architectures.model import Factors
from rootkappa.architectures.rotated_relu import x_dimension


class PartitionedReLU:
    """A deep ReLU network that knows x = W_L Q_1 and u, all the rest.

    Args:
        network: The network, with more units in the last hidden layer than samples.
        weights: Weights whose last features define Q_1, a tensor (R, rows, cols) a layer.

    Raises:
        ValueError: If the last hidden layer has n units or fewer.

    Source: Liao and Kyrillidis (2024), Appendix F.1.
    """

    def __init__(self, network: DeepReLU, weights: Sequence[torch.Tensor]) -> None:
        x_dimension(network)
        self.network = network
        self.basis: torch.Tensor = torch.linalg.qr(network.features(weights)[-1])[0]

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the factored gradient of the network.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            As `Model.gradient_factors`.
        """
        return self.network.gradient_factors(weights)

    def split(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give x and u as vectors, of weights or of gradients.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            x = W_L Q_1, shape (R, k n), and u: W_L - x Q_1^T and all other layers in one row.
        """
        x = weights[-1] @ self.basis
        rest = weights[-1] - x @ self.basis.mT
        return x.flatten(1), torch.cat([a.flatten(1) for a in (*weights[:-1], rest)], dim=1)

    def best_x(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give x*(u), the x that fits all labels exactly while u stays.

        Args:
            weights: One tensor (R, rows, cols) a layer.

        Returns:
            x*(u), shape (R, k n); infinite where the features seen by x have become singular.
        """
        last = self.network.features(weights)[-1]
        seen = self.basis.mT @ last
        x = weights[-1] @ self.basis
        target = self.network.Y - (weights[-1] @ last - x @ seen)
        solution, info = torch.linalg.solve_ex(seen, target, left=False)
        best: torch.Tensor = solution.flatten(1).masked_fill((info != 0)[:, None], torch.inf)
        return best
