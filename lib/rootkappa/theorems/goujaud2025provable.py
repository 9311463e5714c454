"""Goujaud, Taylor and Dieuleveut (2025): heavy ball cycles on some strongly convex function."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.dynamics.cycles import cycle_period
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems.report import Hypothesis
from rootkappa.theorems.theorem import Theorem


@dataclass(frozen=True)
class HeavyBallCycle(Theorem[Spectrum]):
    """Heavy ball cycles on the K-th roots of unity, for some function, under one inequality.

    There is such a function, mu-strongly convex and L-smooth, exactly if

    (mu eta)^2 - 2 (beta - cos + k (1 - beta cos)) mu eta
    + 2 k (1 - cos) (1 + beta^2 - 2 beta cos) <= 0,

    with k = mu/L and cos = cos(2 pi/K). Every heavy ball that is accelerated on quadratics has one.

    Args:
        method: The heavy ball that is asked about.
        longest: The largest K that is tried.

    Source: Goujaud, Taylor and Dieuleveut (2025); what is accelerated cycles is in the abstract,
    the inequality recalled, and derived in `rootkappa.dynamics.cycles`.

    Example:
        >>> from rootkappa.optimizers import optimal_heavy_ball
        >>> bounds = Spectrum(1.0, 25.0)
        >>> HeavyBallCycle(optimal_heavy_ball(bounds)).check(bounds).holds
        True
    """

    method: Method
    longest: int = 100

    kind = Spectrum
    key = "goujaud2025provable"
    paper = "Goujaud, Taylor and Dieuleveut (2025)"
    number = "condition for a cycle"
    title = "Where heavy ball cycles"
    provenance = Provenance.RECALLED
    parts = (
        (Provenance.ABSTRACT, "that a heavy ball accelerated on quadratics cycles somewhere"),
        (Provenance.DERIVED, "that the inequality is necessary and sufficient, in this chapter"),
    )

    def __post_init__(self) -> None:
        """Check the method and the longest period."""
        _checks.instance("method", self.method, Method, "heavy_ball(0.1, 0.9), say")
        object.__setattr__(self, "longest", _checks.count("longest", self.longest, 2))

    @override
    def hypotheses(self, problem: Spectrum) -> tuple[Hypothesis, ...]:
        spectrum: Spectrum = self._given(problem)
        extrapolation = self.method.constants(self.name)[2]
        found = cycle_period(self.method, spectrum, self.longest)
        return (
            Hypothesis("no extrapolation", True, extrapolation == 0),
            Hypothesis("a cycle on the roots of unity", True, found is not None),
        )

    @override
    def tuning(self, problem: Spectrum) -> Method:
        return self.method
