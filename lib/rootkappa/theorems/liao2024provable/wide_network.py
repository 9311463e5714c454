"""Lemma 14 and Theorem 15: the constants of a deep ReLU network, and the width they ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rootkappa import _checks, _search
from rootkappa.problems import PartitionConstants
from rootkappa.theorems.liao2024provable.nesterov import PartitionNesterov
from rootkappa.theorems.report import Report

_WIDEST = 1e80


@dataclass(frozen=True)
class WideNetwork:
    """A network whose last hidden layer is so wide that its features have reached their mean.

    Args:
        X_norm: Frobenius norm of the inputs, above 0.
        Y_norm: Frobenius norm of the labels, above 0.
        gram_min: Least eigenvalue of K, where the features' Gram matrix is width times K.
        gram_trace: Trace of K.
        lambdas: lambda_1, ..., lambda_(Lambda - 2), twice the norms of the layers of fixed size.
        fan_in: Width of the layer below the last hidden one.

    Raises:
        ValueError: If a number is not above 0.

    Source: Liao and Kyrillidis (2024), initialisation of Theorem 15: entries of variance 1/fan-in,
    and width^(-3/2) in the last layer.
    """

    X_norm: float
    Y_norm: float
    gram_min: float
    gram_trace: float
    lambdas: tuple[float, ...]
    fan_in: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("X_norm", "Y_norm", "gram_min", "gram_trace"):
            object.__setattr__(self, name, _checks.positive(name, getattr(self, name)))
        object.__setattr__(self, "lambdas", tuple(_norms(self.lambdas)))
        object.__setattr__(self, "fan_in", _checks.count("fan_in", self.fan_in))

    def constants(self, width: float, R_u: float | None = None) -> PartitionConstants:
        """Give the constants of Lemma 14 at a width.

        Args:
            width: Last hidden width, above 0.
            R_u: A radius to use instead of the lemma's.

        Returns:
            The constants.
        """
        found = _checks.positive("width", width)
        wide = 2 * (1 + math.sqrt(found / self.fan_in))
        last = 2 * found**-0.25
        alpha = math.sqrt(found * self.gram_min)
        return self.lemma14(alpha, [*self.lambdas, wide, last], self.X_norm, self.Y_norm, R_u)

    def gap(self, width: float) -> float:
        """Give the mean loss at the start.

        Args:
            width: Last hidden width, above 0.

        Returns:
            (||Y||^2 + trace(K) width^(-1/2)) / 2.
        """
        found = _checks.positive("width", width)
        return (self.Y_norm**2 + self.gram_trace / math.sqrt(found)) / 2

    def check(self, width: float, c: float = 0.25, *, repaired: bool = True) -> Report:
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
        theorem, constants, gap = PartitionNesterov(c), self.constants(width), self.gap(width)
        if repaired:
            constants = self._repaired(width, theorem, constants, gap)
        return theorem.check(constants, gap)

    def required_width(self, c: float = 0.25, *, repaired: bool = True) -> float:
        """Give the least width from which the certificate holds.

        Args:
            c: The theorem's constant.
            repaired: As for `check`.

        Returns:
            The width, by bisection; infinity where it fails even at 1e80.

        Source: derived; Theorem 15 leaves the constant open.
        """

        def holds(power: float) -> bool:
            return self.check(math.exp(-power), c, repaired=repaired).holds

        widest = -math.log(_WIDEST)
        return math.exp(-_search.last_true(holds, widest, 0.0)) if holds(widest) else math.inf

    @staticmethod
    def printed_width(n: int, d0: int) -> float:
        """Give the last hidden width of Theorem 15, with 1 for its absolute constant.

        Args:
            n: Number of samples.
            d0: Input dimension.

        Returns:
            n^4.5 max(n, d0^2).

        Source: Liao and Kyrillidis (2024), Theorem 15; `WidthConditions.printed` derives it.
        """
        samples = _checks.count("n", n)
        return float(samples**4.5 * max(samples, _checks.count("d0", d0) ** 2))

    @staticmethod
    def lemma14(
        alpha: float,
        lambdas: Sequence[float],
        X_norm: float,
        Y_norm: float,
        R_u: float | None = None,
    ) -> PartitionConstants:
        """Give the constants of Lemma 14, in the rotated partition of its proof.

        Args:
            alpha: alpha_0, the n-th singular value of the last features at the start, above 0.
            lambdas: lambda_1, ..., lambda_Lambda, twice the norms of the layers at the start.
            X_norm: Frobenius norm of the inputs.
            Y_norm: Frobenius norm of the labels.
            R_u: A radius of the ball in u to use instead of the lemma's.

        Returns:
            The constants.

        Raises:
            ValueError: If there are fewer than two layers, or a number is not positive.

        Source: Liao and Kyrillidis (2024), Lemma 14.
        """
        start, norms = _checks.positive("alpha", alpha), _norms(lambdas)
        if len(norms) < 2:
            raise ValueError(f"lambdas must hold at least 2 layers, got {len(norms)}: add others.")
        depth, last, least = len(norms), norms[-1], min(norms[:-1])
        reach = _checks.positive("X_norm", X_norm) * math.prod(norms[:-1])
        root = math.sqrt(depth)
        # The lemma caps the quotient at 1; as mu is at most L1, it is at most 1/2.
        radius = least / 2 * (start / (2 * root * reach)) ** 2
        if R_u is not None:
            radius = _checks.positive("R_u", R_u)
        steep = root * reach / least
        return PartitionConstants(
            mu=start**2 / 2,
            L1=reach**2,
            L2=1.0,
            G1=(last + radius) * steep,
            G2=((2 * last + radius) * reach + _checks.positive("Y_norm", Y_norm)) * steep,
            R_x=last / 2,
            R_u=radius,
        )

    def _repaired(
        self, width: float, theorem: PartitionNesterov, constants: PartitionConstants, gap: float
    ) -> PartitionConstants:
        # G1 = (lambda + R_u) A and R_u = G1 B give R_u = lambda A B / (1 - A B).
        last = 2 * constants.R_x
        steep = constants.G1 / (last + constants.R_u)
        product = steep * theorem.needed_radii(replace(constants, G1=1.0), gap)[1]
        if product >= 1:
            return constants
        # A little more than needed, so that K12 is not decided by rounding.
        radius = last * product / (1 - product) * (1 + 1e-9)
        return self.constants(width, min(radius, constants.R_u))


def _norms(lambdas: Sequence[float]) -> list[float]:
    given = _checks.sequence("lambdas", lambdas, "one number a layer")
    return [_checks.positive(f"lambda_{i}", value) for i, value in enumerate(given, 1)]
