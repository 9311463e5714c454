"""Dynamics with a frozen kernel: companion matrices and the solved recursion."""

from rootkappa.dynamics.activations import (
    RecursionTerms,
    lazy_displacement,
    recursion_terms,
)
from rootkappa.dynamics.companion import (
    companion,
    is_oscillatory,
    oscillatory_interval,
    power_bound_heavy_ball,
    power_bound_nesterov,
    power_constant,
    power_norms,
    slowest_eigenvalue,
    spectral_radius,
    stability_limit,
    start_prefactor,
)
from rootkappa.dynamics.frozen import (
    frozen_norms,
    frozen_residuals,
    modal_response,
    steps_to,
)

__all__ = [
    "RecursionTerms",
    "companion",
    "frozen_norms",
    "frozen_residuals",
    "is_oscillatory",
    "lazy_displacement",
    "modal_response",
    "oscillatory_interval",
    "power_bound_heavy_ball",
    "power_bound_nesterov",
    "power_constant",
    "power_norms",
    "recursion_terms",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "start_prefactor",
    "steps_to",
]
