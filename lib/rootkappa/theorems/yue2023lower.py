"""Yue, Fang and Lin (2023): under the PL inequality alone nothing beats gradient descent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.theorem import Quantity, Theorem


@dataclass(frozen=True)
class PLLowerBound(Theorem[Spectrum]):
    """Any first-order method needs Omega((L/mu) log(1/epsilon)) gradients on some function.

    The function is L-smooth and has ||grad f||^2 >= 2 mu (f - f*) everywhere. So this is a
    statement about the worst function and the whole space; it tunes no method and bounds no run.

    Source: Yue, Fang and Lin (2023), abstract. The function is not rebuilt here.

    Example:
        >>> round(PLLowerBound().least_steps(Spectrum(1.0, 100.0), math.exp(-1)), 9)
        100.0
    """

    kind = Spectrum
    key = "yue2023lower"
    paper = "Yue, Fang and Lin (2023)"
    number = "main result"
    title = "Under PL alone nothing beats gradient descent"
    provenance = Provenance.ABSTRACT
    quantity = Quantity.LOSS

    def least_steps(self, problem: Spectrum, accuracy: float) -> float:
        """Give the number of gradients that some function costs, with 1 for the constant.

        Args:
            problem: mu and L.
            accuracy: epsilon, in (0, 1).

        Returns:
            (L/mu) log(1/epsilon).
        """
        epsilon = _checks.within("accuracy", accuracy, 0, 1)
        kappa: float = self._given(problem).kappa
        return kappa * math.log(1 / epsilon)

    @override
    def hypotheses(self, problem: Spectrum) -> tuple[Hypothesis, ...]:
        spectrum: Spectrum = self._given(problem)
        return (Hypothesis("PL constant above 0", 0.0, spectrum.lambda_min),)
