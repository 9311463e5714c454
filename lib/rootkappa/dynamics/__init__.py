"""Dynamics with a frozen kernel: companion matrices, solved recursions, and flows."""

from rootkappa.dynamics.companion import (
    companion,
    is_oscillatory,
    oscillatory_interval,
    slowest_eigenvalue,
    spectral_radius,
    stability_limit,
)
from rootkappa.dynamics.flows import (
    ConstantFriction,
    Flow,
    GradientFlow,
    VanishingFriction,
    flow_residuals,
)
from rootkappa.dynamics.frozen import (
    decompose,
    frozen_norms,
    frozen_residuals,
    modal_response,
    steps_to,
)
from rootkappa.dynamics.gegenbauer import (
    gegenbauer_response,
    legendre_iterates,
    two_factor_response,
)
from rootkappa.dynamics.integrator import integrate_flow
from rootkappa.dynamics.powers import (
    power_bound_heavy_ball,
    power_bound_nesterov,
    power_constant,
    power_norms,
    start_prefactor,
)

__all__ = [
    "ConstantFriction",
    "Flow",
    "GradientFlow",
    "VanishingFriction",
    "companion",
    "decompose",
    "flow_residuals",
    "frozen_norms",
    "frozen_residuals",
    "gegenbauer_response",
    "integrate_flow",
    "is_oscillatory",
    "legendre_iterates",
    "modal_response",
    "oscillatory_interval",
    "power_bound_heavy_ball",
    "power_bound_nesterov",
    "power_constant",
    "power_norms",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "start_prefactor",
    "steps_to",
    "two_factor_response",
]
