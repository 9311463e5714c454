"""Dynamics with a frozen kernel: companion matrices, solved recursions, and flows."""

from rootkappa.dynamics.activations import (
    RecursionTerms,
    lazy_displacement,
    recursion_terms,
)
from rootkappa.dynamics.aiming import Aiming, aiming
from rootkappa.dynamics.companion import (
    companion,
    oscillatory_interval,
    slowest_eigenvalue,
    spectral_radius,
    stability_limit,
)
from rootkappa.dynamics.flows import ConstantFriction, GradientFlow, VanishingFriction
from rootkappa.dynamics.frozen import frozen_norms, frozen_residuals, modal_response, steps_to
from rootkappa.dynamics.gegenbauer import (
    gegenbauer_response,
    legendre_iterates,
    two_factor_response,
)
from rootkappa.dynamics.measured import (
    MeasuredConstants,
    mean_gram,
    measured_constants,
    searched_constants,
)
from rootkappa.dynamics.powers import power_bound, power_norms, prefactor

__all__ = [
    "Aiming",
    "ConstantFriction",
    "GradientFlow",
    "MeasuredConstants",
    "RecursionTerms",
    "VanishingFriction",
    "aiming",
    "companion",
    "frozen_norms",
    "frozen_residuals",
    "gegenbauer_response",
    "lazy_displacement",
    "legendre_iterates",
    "mean_gram",
    "measured_constants",
    "modal_response",
    "oscillatory_interval",
    "power_bound",
    "power_norms",
    "prefactor",
    "recursion_terms",
    "searched_constants",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "steps_to",
    "two_factor_response",
]
