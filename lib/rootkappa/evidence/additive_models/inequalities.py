"""The inequalities of the proof, evaluated: where they end, and what they end like."""

from __future__ import annotations

import math

from rootkappa import rates
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov

CERTIFIED_KAPPAS = (5.0, 20.0, 100.0, 1000.0, 1e4)
# The inequalities without u, and the printed chain, over these.
_GRID = (1.01, 1.5, 2.0, 5.0, 20.0, 100.0, 1e3, 1e4, 1e6, 1e8)
# Strengths over the largest certified one at which the inequalities are looked at again.
_SHARES = [0.005 * step for step in range(400)]
# So large that the limit for large kappa is reached to 1e-6.
_HUGE = 1e13


@measures("additive-models/certificate")
def certificate() -> Evidence:
    """Evaluate the inequalities over condition numbers and strengths of u.

    Returns:
        The evidence; `shown` has the largest certified strength for each kappa.
    """
    quarter = PartitionNesterov(0.25)
    largest = {kappa: quarter.largest_perturbation(kappa) for kappa in CERTIFIED_KAPPAS}
    exponent = rates.scaling_exponent(list(largest), list(largest.values())).value
    once = {
        "exponent": exponent,
        "c_printed": max(PartitionNesterov.printed_largest_c(kappa) for kappa in _GRID),
    }
    control = Control("$c=1$, where no perturbation at all is certified", _at(1.0))
    return Evidence(_at(0.25) | once, control, shown={"largest": largest})


def _at(c: float) -> dict[str, float]:
    theorem = PartitionNesterov(c)
    largest = {kappa: theorem.largest_perturbation(kappa) for kappa in CERTIFIED_KAPPAS}
    scaled = [value * kappa**0.625 for kappa, value in largest.items()]
    at_huge = theorem.largest_perturbation(_HUGE) / theorem.limit_perturbation(_HUGE)
    return {
        "prefactor_least": min(scaled),
        "prefactor_largest": max(scaled),
        "limit_deviation": abs(at_huge - 1),
        # Strengths at which the inequalities hold and should not, or the reverse.
        "exceptions": float(
            sum(
                _holds(theorem, kappa, share * value) is not (share <= 1)
                for kappa, value in largest.items()
                for share in _SHARES
            )
        ),
        # Without u, K8 to K12 hold with 0 on the left.
        "worst_without_u": max(
            theorem.check(_constants(kappa, 0.0)).binding.needed for kappa in _GRID
        ),
    }


def _holds(theorem: PartitionNesterov, kappa: float, strength: float) -> bool:
    return theorem.check(_constants(kappa, strength)).holds


def _constants(kappa: float, strength: float) -> PartitionConstants:
    return PartitionConstants.additive(1, math.sqrt(kappa), strength)
