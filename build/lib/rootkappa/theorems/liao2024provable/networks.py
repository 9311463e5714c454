"""Lemma 14 and Theorem 15: the constants of a deep ReLU network, and the width they ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rootkappa import _checks
from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable.certificate import Certificate, certify, needed_radii

_WIDEST = 1e80
# G1 / sqrt(mu) and G2 / mu of a wide network fall as width^(-3/4), their fourth powers as this.
_FALL = 3.0


def network_constants(
    alpha: float,
    lambdas: Sequence[float],
    X_norm: float,
    Y_norm: float,
    R_u: float | None = None,
) -> PartitionConstants:
    """Give the constants of Lemma 14, in the rotated partition of its proof.

    Args:
        alpha: alpha_0, the n-th singular value of the last features at the start, above 0.
        lambdas: lambda_1, ..., lambda_Lambda, twice the spectral norms of the layers at the start.
        X_norm: Frobenius norm of the inputs.
        Y_norm: Frobenius norm of the labels.
        R_u: A radius of the ball in u to use instead of the lemma's.

    Returns:
        The constants.

    Raises:
        ValueError: If there are fewer than two layers, or a number is not positive.

    Source: Liao and Kyrillidis (2024), Lemma 14.
    """
    _checks.positive("alpha", alpha)
    norms = [_checks.positive(f"lambda_{i}", value) for i, value in enumerate(lambdas, 1)]
    if len(norms) < 2:
        raise ValueError(f"lambdas must hold at least 2 layers, got {len(norms)}: add the others.")
    depth, last, least = len(norms), norms[-1], min(norms[:-1])
    reach = _checks.positive("X_norm", X_norm) * math.prod(norms[:-1])
    root = math.sqrt(depth)
    radius = least / 2 * min(1.0, alpha / (2 * root * reach)) ** 2 if R_u is None else R_u
    steep = root * reach / least
    return PartitionConstants(
        mu=alpha**2 / 2,
        L1=reach**2,
        L2=1.0,
        G1=(last + radius) * steep,
        G2=((2 * last + radius) * reach + Y_norm) * steep,
        R_x=last / 2,
        R_u=radius,
    )


def printed_width(n: int, d0: int) -> float:
    """Give the last hidden width of Theorem 15, with 1 for its absolute constant.

    Args:
        n: Number of samples.
        d0: Input dimension.

    Returns:
        n^4.5 max(n, d0^2).

    Source: Liao and Kyrillidis (2024), Theorem 15; `width_exponents` derives it.
    """
    return float(_checks.count("n", n) ** 4.5 * max(n, _checks.count("d0", d0) ** 2))


@dataclass(frozen=True)
class WideNetwork:
    """A network whose last hidden layer is so wide that its features have reached their mean.

    Args:
        X_norm: Frobenius norm of the inputs.
        Y_norm: Frobenius norm of the labels.
        gram_min: Least eigenvalue of K, where the features' Gram matrix is width times K.
        gram_trace: Trace of K.
        lambdas: lambda_1, ..., lambda_(Lambda - 2), twice the norms of the layers of fixed size.
        fan_in: Width of the layer below the last hidden one.

    Source: Liao and Kyrillidis (2024), initialisation of Theorem 15: entries of variance 1/fan-in,
    and width^(-3/2) in the last layer.
    """

    X_norm: float
    Y_norm: float
    gram_min: float
    gram_trace: float
    lambdas: tuple[float, ...]
    fan_in: int

    def constants(self, width: float, R_u: float | None = None) -> PartitionConstants:
        """Give the constants of Lemma 14 at a width.

        Args:
            width: Last hidden width, above 0.
            R_u: A radius to use instead of the lemma's.

        Returns:
            The constants.
        """
        _checks.positive("width", width)
        wide = 2 * (1 + math.sqrt(width / self.fan_in))
        last = 2 * width**-0.25
        alpha = math.sqrt(width * self.gram_min)
        layers = [*self.lambdas, wide, last]
        return network_constants(alpha, layers, self.X_norm, self.Y_norm, R_u)

    def gap(self, width: float) -> float:
        """Give the mean loss at the start.

        Args:
            width: Last hidden width, above 0.

        Returns:
            (||Y||^2 + trace(K) width^(-1/2)) / 2.
        """
        return (self.Y_norm**2 + self.gram_trace / math.sqrt(width)) / 2

    def certificate(self, width: float, c: float = 0.25, *, repaired: bool = True) -> Certificate:
        """Evaluate Theorem 7 with the constants of Lemma 14 at a width.

        Args:
            width: Last hidden width, above 0.
            c: The theorem's constant.
            repaired: Whether to shrink R_u to the least radius that the theorem allows. With the
                lemma's own radius the proof of Theorem 15 has a reversed inequality, and K8 fails
                at every width if kappa is large.

        Returns:
            The certificate.
        """
        constants, gap = self.constants(width), self.gap(width)
        if repaired:
            constants = self._repaired(width, c, constants, gap)
        k = constants
        return certify(k.mu, k.L1, k.L2, k.G1, k.G2, c, R_x=k.R_x, R_u=k.R_u, gap=gap)

    def _repaired(
        self, width: float, c: float, constants: PartitionConstants, gap: float
    ) -> PartitionConstants:
        # G1 = (lambda + R_u) A and R_u = G1 B give R_u = lambda A B / (1 - A B).
        last = 2 * constants.R_x
        steep = constants.G1 / (last + constants.R_u)
        product = steep * needed_radii(replace(constants, G1=1.0), c, gap)[1]
        if product >= 1:
            return constants
        # A little more than needed, so that K12 is not decided by rounding.
        radius = last * product / (1 - product) * (1 + 1e-9)
        return self.constants(width, min(radius, constants.R_u))


def required_width(certificate: Callable[[float], Certificate]) -> float:
    """Give the least width from which a certificate holds.

    Args:
        certificate: The certificate at a width; once it holds, it holds at every larger width.

    Returns:
        The width, or infinity where it fails even at 1e80.

    Source: derived; Theorem 15 leaves the constant open.
    """
    if not certificate(_WIDEST).holds:
        return math.inf
    low, high = 0.0, math.log(_WIDEST)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if certificate(math.exp(middle)).holds else (middle, high)
    return math.exp(high)


def extrapolated_width(width: float, constants: PartitionConstants, c: float = 0.25) -> float:
    """Give the width at which measured constants would meet the conditions on G1 and G2.

    Args:
        width: The width at which the constants were measured.
        constants: The measured constants.
        c: The theorem's constant.

    Returns:
        The width, since K8, K9 and K10 fall as width^(-3) in wide networks. It does not look at
        the radii.

    Source: derived.
    """
    k = constants
    report = certify(k.mu, k.L1, k.L2, k.G1, k.G2, c)
    worst = max(report[name].ratio for name in ("K8", "K9", "K10"))
    return _checks.positive("width", width) * math.pow(worst, 1 / _FALL)
