"""A deep ReLU network in the coordinates in which its last layer is strongly convex.

With more units than samples the loss is flat in most directions of the last layer: the rank of
h_{L-1} h_{L-1}^T is n at most. Let Q_1 (w, n) be an orthonormal basis of the columns of h_{L-1} at
the start, completed to a rotation Q = (Q_1, Q_2). The coordinates

    x = W_L Q_1  (k, n),      z = W_L Q_2  (k, w - n)

are a rotation of the last layer, not a permutation. The loss is strongly convex in x with constant
sigma_n(Q_1^T h_{L-1})^2, and u is z together with all hidden layers. Methods of this book commute
with rotations, so a run in these coordinates is the plain run seen from another side.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures.deep_relu import DeepReLU
from rootkappa.architectures.model import Factors, Model, Weights, takes_weights


class RotatedReLU(Model):
    """A deep ReLU network whose last layer is split into x and z by a rotation.

    Args:
        network: The network, with more units in the last hidden layer than samples.
        rotation: Q, shape (w, w), orthogonal, the same for all replicas; the first n columns
            belong to x.

    Raises:
        ValueError: If the last hidden layer has n units or fewer, or Q is not a rotation of it.

    Source: Liao and Kyrillidis (2024), Appendix F.1.
    """

    def __init__(self, network: DeepReLU, rotation: torch.Tensor) -> None:
        super().__init__(network.Y)
        self.network = network
        self.block = x_dimension(network)
        w = network.widths[-1]
        rotation = _checks.floating("rotation", rotation)
        if tuple(rotation.shape) != (w, w):
            raise ValueError(
                f"the rotation must have shape ({w}, {w}), that of the last hidden layer, got "
                f"{tuple(rotation.shape)}: use RotatedReLU.at(network, weights)."
            )
        error = float((rotation.mT @ rotation - torch.eye(w).to(rotation)).abs().amax())
        if error > w * 1e3 * torch.finfo(rotation.dtype).eps:
            raise ValueError(
                f"the rotation is not orthogonal, Q^T Q differs from I by {error:.1e}: use "
                "architectures.rotation(network, weights)."
            )
        self.rotation = rotation.to(network.Y)

    @classmethod
    def at(cls, network: DeepReLU, weights: Sequence[torch.Tensor]) -> RotatedReLU:
        """Rotate by the features of some weights, as the proof does at the start.

        Args:
            network: The network.
            weights: One tensor (1, rows, cols) a layer: a single replica.

        Returns:
            The network in rotated coordinates.
        """
        return cls(network, rotation(network, weights)[0])

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of W_1, ..., W_{L-1}, x and z."""
        *hidden, (k, w) = self.network.shapes
        return [*hidden, (k, self.block), (k, w - self.block)]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        draw = [layer.to(self.rotation)[None] for layer in self.network._draw(source)]
        return [layer[0] for layer in self.rotate(draw)]

    def rotate(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the coordinates of weights of the network.

        Args:
            weights: W_1, ..., W_L, tensors (R, rows, cols).

        Returns:
            W_1, ..., W_{L-1}, x, z.
        """
        weights = self.network.fitting(weights)
        x, z = (weights[-1] @ self.rotation).tensor_split([self.block], dim=2)
        return [*weights[:-1], x, z]

    @takes_weights
    def restore(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the weights of the network back.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            W_1, ..., W_L.
        """
        return self._restored(weights)

    def _restored(self, weights: Sequence[torch.Tensor]) -> Weights:
        *hidden, x, z = weights
        return [*hidden, torch.cat([x, z], dim=2) @ self.rotation.mT]

    @takes_weights
    def coordinates(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the last features seen by x and by z.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            Q_1^T h_{L-1} and Q_2^T h_{L-1}, shapes (R, n, n) and (R, w - n, n).
        """
        last = self.network.features(self._restored(weights))[-1]
        by_x, by_z = (self.rotation.mT @ last).tensor_split([self.block], dim=1)
        return by_x, by_z

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U = x Q_1^T h_{L-1} + z Q_2^T h_{L-1}.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            Outputs, shape (R, k, n).
        """
        return self.network.predict(self._restored(weights))

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients: those of the network, the last one rotated.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            The residual, shape (R, k, n), and a pair of factors a layer.
        """
        residual, factors = self.network.gradient_factors(self._restored(weights))
        left, right = factors[-1]
        by_x, by_z = (right @ self.rotation).tensor_split([self.block], dim=2)
        return residual, [*factors[:-1], (left, by_x), (left, by_z)]

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the tangent kernel, which no rotation changes.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            Kernels, shape (R, k n, k n).
        """
        return self.network.tangent_kernel(self._restored(weights))

    @takes_weights
    def activation_patterns(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Say which hidden unit is active on which sample, which no rotation changes.

        Args:
            weights: W_1, ..., W_{L-1}, x, z, tensors (R, rows, cols).

        Returns:
            As `DeepReLU.activation_patterns`.
        """
        return self.network.activation_patterns(self._restored(weights))


def x_dimension(network: DeepReLU) -> int:
    """Give n, the number of columns of the block x, if the last hidden layer is wide enough.

    Args:
        network: The network.

    Returns:
        The number of samples.

    Raises:
        ValueError: If the last hidden layer has n units or fewer.
    """
    _checks.instance("network", network, DeepReLU, "DeepReLU(X, Y, widths)")
    w, n = network.widths[-1], network.Y.shape[1]
    if w <= n:
        raise ValueError(
            f"the last hidden layer has {w} units for n = {n} samples, and the partition needs "
            f"more than n: widen it to at least {n + 1}."
        )
    return n


def rotation(network: DeepReLU, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Give Q = (Q_1, Q_2), whose first n columns span the last features.

    Args:
        network: The network, with more units in the last hidden layer than samples.
        weights: One tensor (R, rows, cols) a layer.

    Returns:
        Rotations, shape (R, w, w).
    """
    x_dimension(network)
    basis: torch.Tensor = torch.linalg.qr(network.features(weights)[-1], mode="complete")[0]
    return basis
