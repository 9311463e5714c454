"""Theorems that hold near the minimisers of a function under the Polyak-Lojasiewicz inequality."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from rootkappa.problems import Spectrum
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.theorem import Theorem


class LocalTheorem(Theorem[Spectrum]):
    """A rate near the minimisers, where mu and L are the ends of the spectrum of the Hessian there.

    The problem is that spectrum. For half a squared residual it is the spectrum of the tangent
    kernel at the minimiser. How near a start must be is not said: there is a neighbourhood.
    """

    kind = Spectrum
    smoothness: ClassVar[str] = "twice differentiable"

    @override
    def hypotheses(self, problem: Spectrum) -> tuple[Hypothesis, ...]:
        spectrum: Spectrum = self._given(problem)
        return (Hypothesis("least eigenvalue above 0", 0.0, spectrum.lambda_min),)

    def along(self, problem: Spectrum, pl: float, lipschitz: float, smooth: bool = True) -> Report:
        """Compare the hypotheses with what a run has met.

        Args:
            problem: The spectrum that the method was tuned for.
            pl: The least ||grad f||^2 / (2 (f - f*)) along the run.
            lipschitz: The largest quotient of gradients along it.
            smooth: Whether the function has its derivatives on the way.

        Returns:
            The report.
        """
        spectrum: Spectrum = self._given(problem)
        return Report(
            self.name,
            (
                *self.hypotheses(spectrum),
                Hypothesis(self.smoothness, True, smooth),
                Hypothesis("PL constant along the run at least mu", spectrum.lambda_min, pl),
                Hypothesis("gradients along the run L-Lipschitz", lipschitz, spectrum.lambda_max),
            ),
        )
