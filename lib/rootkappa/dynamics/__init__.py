"""Dynamics with a frozen kernel: companion matrices and the solved recursion."""

from rootkappa.dynamics.aiming import Aiming, aiming
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
from rootkappa.dynamics.measured import (
    MeasuredConstants,
    mean_gram,
    measured_constants,
    searched_constants,
)

__all__ = [
    "Aiming",
    "MeasuredConstants",
    "aiming",
    "companion",
    "frozen_norms",
    "frozen_residuals",
    "is_oscillatory",
    "mean_gram",
    "measured_constants",
    "modal_response",
    "oscillatory_interval",
    "power_bound_heavy_ball",
    "power_bound_nesterov",
    "power_constant",
    "power_norms",
    "searched_constants",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "start_prefactor",
    "steps_to",
]
