"""Theorems on networks whose tangent kernel hardly moves: its extreme eigenvalues decide."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from rootkappa import _checks
from rootkappa.architectures import Model
from rootkappa.problems import Spectrum
from rootkappa.theorems.theorem import Theorem

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class KernelTheorem(Theorem[M | Spectrum], Generic[M]):
    """A linear rate that follows from bounds on the eigenvalues of the tangent kernel.

    Tuning, rate and bound take the network, or a spectrum to use instead of the theorem's own
    bounds, such as a measured one. Hypotheses speak of the network.
    """

    def spectrum(self, problem: M | Spectrum) -> Spectrum:
        """Give the theorem's own bounds on the kernel's eigenvalues, from the data alone.

        Args:
            problem: The network with its data; a spectrum is returned as it is.

        Returns:
            The bounds.
        """
        return problem if isinstance(problem, Spectrum) else self._bounds(self.network(problem))

    def network(self, problem: M | Spectrum) -> M:
        """Return the problem where only a network of the theorem's architecture will do.

        Args:
            problem: The network with its data.

        Returns:
            The network.
        """
        network: M = self._given(problem)
        return network

    @abstractmethod
    def _bounds(self, model: M) -> Spectrum:
        """Give the theorem's own bounds on the kernel's eigenvalues."""


@dataclass(frozen=True)
class WidthTheorem(KernelTheorem[M]):
    """A theorem that holds with probability 1 - delta once the network is wide enough.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).

    Raises:
        ValueError: If delta is out of range.
    """

    delta: float = 0.1

    def __post_init__(self) -> None:
        """Check the probability."""
        probability(self)

    @abstractmethod
    def required_width(self, model: M) -> float:
        """Give the width that the theorem asks for, with 1 for its absolute constant.

        Args:
            model: The network with its data.

        Returns:
            The width.
        """


def probability(theorem: object) -> None:
    """Check the probability of failure `delta` of a theorem.

    Args:
        theorem: A frozen record with a field `delta`.
    """
    delta = _checks.within("delta", getattr(theorem, "delta", None), 0, 1, "try 0.1")
    object.__setattr__(theorem, "delta", delta)
