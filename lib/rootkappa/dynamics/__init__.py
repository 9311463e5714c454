"""Dynamics with a frozen kernel: companion matrices, solved recursions, and flows."""

from rootkappa.dynamics.companion import (
    companion,
    slowest_eigenvalue,
    spectral_radius,
    stability_limit,
)
from rootkappa.dynamics.flows import ConstantFriction, GradientFlow, VanishingFriction
from rootkappa.dynamics.frozen import frozen_norms, frozen_residuals, modal_response, steps_to
from rootkappa.dynamics.gegenbauer import two_factor_response
from rootkappa.dynamics.powers import power_bound, power_norms, prefactor

__all__ = [
    "ConstantFriction",
    "GradientFlow",
    "VanishingFriction",
    "companion",
    "frozen_norms",
    "frozen_residuals",
    "modal_response",
    "power_bound",
    "power_norms",
    "prefactor",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "steps_to",
    "two_factor_response",
]
