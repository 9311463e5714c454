"""Where the width n^4.5 max(n, d0^2) of Theorem 15 comes from, in exact rational arithmetic.

A quantity is a sum of monomials w^a n^b d^c without coefficients, with rational exponents: products
add exponents, sums keep the monomials. A condition "left >= right" on a large width w is then a
power law, w >= n^p d^q, for each monomial of the right side.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rootkappa import _checks

Exponents = tuple[Fraction, Fraction, Fraction]
Power = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Order:
    """An order of magnitude: the largest of several monomials in w, n and d.

    Args:
        terms: The exponents (of w, of n, of d) of each monomial.
    """

    terms: frozenset[Exponents]

    @classmethod
    def of(cls, w: Fraction | int = 0, n: Fraction | int = 0, d: Fraction | int = 0) -> Order:
        """Make the monomial w^w n^n d^d.

        Args:
            w: Exponent of the width.
            n: Exponent of the number of samples.
            d: Exponent of the input dimension.

        Returns:
            The order.

        Example:
            >>> Order.of(w=1) * Order.of(w=1, n=2) == Order.of(w=2, n=2)
            True
        """
        return cls(frozenset({(Fraction(w), Fraction(n), Fraction(d))}))

    def __mul__(self, other: Order) -> Order:
        pairs = itertools.product(self.terms, other.terms)
        return Order(frozenset((a + x, b + y, c + z) for (a, b, c), (x, y, z) in pairs))

    def __add__(self, other: Order) -> Order:
        return Order(self.terms | other.terms)

    def __pow__(self, power: Fraction | int) -> Order:
        # Of a sum, the power of the largest monomial is the largest of the powers.
        return Order(frozenset((a * power, b * power, c * power) for a, b, c in self.terms))


@dataclass(frozen=True)
class Requirement:
    """What a condition asks of the width.

    Args:
        powers: Pairs (p, q): the width must be at least n^p d^q for each of them.
        impossible: Whether no width meets the condition when n is large.
    """

    powers: tuple[Power, ...]
    impossible: bool = False


def require(left: Order, right: Order) -> Requirement:
    """Solve left >= right for the width.

    Args:
        left: A single monomial.
        right: Any order.

    Returns:
        The requirement, without powers that are implied by another one for n, d >= 1.

    Raises:
        ValueError: If the left side is a sum.

    Example:
        >>> require(Order.of(w=2), Order.of(w=1, n=3)).powers
        ((Fraction(3, 1), Fraction(0, 1)),)
    """
    if len(left.terms) != 1:
        raise ValueError(f"left must be one monomial, got {len(left.terms)}: split the condition.")
    ((a, b, c),) = left.terms
    powers, impossible = [], False
    for x, y, z in right.terms:
        if a > x:
            powers.append(((y - b) / (a - x), (z - c) / (a - x)))
        else:
            # A wider network does not help; at fixed width the condition must hold by itself.
            impossible |= a < x or y > b or z > c
    return Requirement(_dominant(powers), impossible)


def _dominant(powers: Iterable[Power]) -> tuple[Power, ...]:
    kept = {power for power in powers if max(power) > 0}
    return tuple(
        sorted(
            power
            for power in kept
            if not any(o != power and o[0] >= power[0] and o[1] >= power[1] for o in kept)
        )
    )


_HALF = Fraction(1, 2)
# The scales of Theorem 15's initialisation, with labels, layers and constants of order 1.
REACH = Order.of(w=_HALF, n=_HALF)  # ||X|| lambda_1 ... lambda_(Lambda - 1)
LAST = Order.of(w=Fraction(-1, 4))  # lambda_Lambda
ALPHA = Order.of(w=_HALF)
LOSS = Order.of(n=1, d=1)
LABELS = Order.of(n=_HALF)
MU, L1 = ALPHA**2, REACH**2


@dataclass(frozen=True)
class WidthConditions:
    """What the conditions of Theorem 7 ask of the last hidden width of a deep ReLU network.

    Args:
        requirements: What each condition asks, by name.

    Example:
        >>> [(str(p), str(q)) for p, q in WidthConditions.printed().exponents]
        [('9/2', '2'), ('11/2', '0')]
    """

    requirements: Mapping[str, Requirement]

    @classmethod
    def direct(cls, radius: Fraction | int | None = None) -> WidthConditions:
        """Solve the four conditions of Theorem 7 for the width, directly.

        Args:
            radius: The exponent of n in R_u; Lemma 14's, of order mu / L1 = 1/n, if None.

        Returns:
            R1 (G1^4), R2 (G1^2 G2^2), R3 (R_x) and R4 (R_u).

        Source: Liao and Kyrillidis (2024), simplified conditions of Theorem 7 with Lemma 14. With
        its own radius R2 is impossible: this is the reversed inequality in the proof of Theorem 15.
        """
        ball = MU * L1**-1 if radius is None else Order.of(n=radius)
        G1 = (LAST + ball) * REACH
        G2 = ((LAST + ball) * REACH + LABELS) * REACH
        right = MU ** Fraction(7, 2) * L1 ** Fraction(-3, 2)
        needed_u = G1 * L1 ** Fraction(3, 4) * MU ** Fraction(-7, 4) * LOSS**_HALF
        needed_x = L1 ** Fraction(1, 4) * MU ** Fraction(-3, 4) * LOSS**_HALF
        return cls(
            {
                "R1": require(right, G1**4),
                "R2": require(right * MU, G1**2 * G2**2),
                "R3": require(LAST, needed_x),
                "R4": require(ball, needed_u),
            }
        )

    @classmethod
    def printed(cls, loss_power: int = 2) -> WidthConditions:
        """Solve the conditions (86) to (90), into which the proof of Theorem 15 turns them.

        Args:
            loss_power: The power of the loss in (89): 2 as printed, 1 as squaring gives it.

        Returns:
            The five requirements.

        Source: Liao and Kyrillidis (2024), proof of Theorem 15, (86) to (90).
        """
        whole, power = REACH * LAST, _checks.count("loss_power", loss_power)
        return cls(
            {
                "(86)": require(ALPHA**7, whole**7 * LAST**-3),
                "(87)": require(ALPHA**11, REACH**7 * (whole**4 + LABELS**4)),
                "(88)": require(ALPHA**2, whole * LAST**-2 * LOSS**_HALF),
                "(89)": require(ALPHA**7, REACH**5 * LOSS**power),
                "(90)": require(ALPHA**11, whole**9 * LAST**-7 * LOSS),
            }
        )

    @property
    def impossible(self) -> tuple[str, ...]:
        """The conditions that no width meets when n is large."""
        return tuple(name for name, item in self.requirements.items() if item.impossible)

    @property
    def exponents(self) -> tuple[Power, ...]:
        """The powers (p, q) whose largest n^p d^q is the required width.

        A power that the mean of two others implies is left out.
        """
        powers = _dominant(power for item in self.requirements.values() for power in item.powers)
        return tuple(
            power for power in powers if not _implied(power, [o for o in powers if o != power])
        )


def _implied(power: Power, others: list[Power]) -> bool:
    # n^p d^q <= max of two others if it lies below the segment between their exponents.
    for one, two in itertools.combinations(others, 2):
        spread = two[0] - one[0]
        share = (power[0] - one[0]) / spread if spread else Fraction(0)
        if 0 <= share <= 1 and power[1] <= one[1] + share * (two[1] - one[1]):
            return True
    return False
