"""Obreiter, Steinbrecher and Foerster (2026): Nesterov accelerates locally under PL, in Lean 4."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from rootkappa import _checks
from rootkappa.optimizers import Method, nesterov
from rootkappa.problems import Spectrum
from rootkappa.provenance import Provenance
from rootkappa.theorems._local import LocalTheorem
from rootkappa.theorems.theorem import Quantity


@dataclass(frozen=True)
class LocalNesterov(LocalTheorem):
    """f(w_t) - f* <= 2 exp(-t sqrt(mu/L)) (f(w_0) - f*), from rest near the minimisers.

    Nesterov with eta = 1/L, beta = (1 - a)/(1 + a), a = sqrt(mu (1 - theta)/L) and
    0 < theta <= sqrt(mu/L)/8. The minimisers are a C^2 embedded manifold; in a tubular
    neighbourhood f is C^2, ||grad f||^2 >= 2 mu (f - f*) and the gradient is L-Lipschitz. No
    kernel and no width: the bound speaks of the iterates w_t, not of the points y_t.

    Args:
        share: theta over sqrt(mu/L)/8, in (0, 1].

    Raises:
        ValueError: If the share is out of range.

    Source: Obreiter, Steinbrecher and Foerster (2026), main theorem, read as a statement in Lean 4;
    its proof was not built here. A second theorem asks for C^3 and assumes no manifold.

    Example:
        >>> prefactor, factor = LocalNesterov().rate(Spectrum(1.0, 100.0))
        >>> prefactor, round(-math.log(factor), 12)
        (2.0, 0.1)
    """

    share: float = 1.0

    key = "obreiter2026local"
    paper = "Obreiter, Steinbrecher and Foerster (2026)"
    number = "main theorem"
    title = "Nesterov accelerates near the minimisers"
    provenance = Provenance.FULL_TEXT
    parts = ((Provenance.DERIVED, "that $w_t$ is meant, from the scheme in the same files"),)
    quantity = Quantity.LOSS

    def __post_init__(self) -> None:
        """Check the share.

        Raises:
            ValueError: If it is out of range.
        """
        share = _checks.positive("share", self.share)
        if share > 1:
            raise ValueError(f"share must lie in (0, 1], got {share:g}: theta has a largest value.")
        object.__setattr__(self, "share", share)

    @override
    def tuning(self, problem: Spectrum) -> Method:
        root = 1 / math.sqrt(self._given(problem).kappa)
        a = root * math.sqrt(1 - self.share * root / 8)
        return nesterov(1 / problem.lambda_max, (1 - a) / (1 + a))

    @override
    def rate(self, problem: Spectrum) -> tuple[float, float]:
        return 2.0, math.exp(-1 / math.sqrt(self._given(problem).kappa))
