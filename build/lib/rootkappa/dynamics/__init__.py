"""Dynamics with a frozen kernel: companion matrices, solved recursions, and flows."""

from rootkappa.dynamics.activations import (
    RecursionTerms,
    lazy_displacement,
    recursion_terms,
)
from rootkappa.dynamics.aiming import Aiming, aiming
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
from rootkappa.dynamics.measured import (
    MeasuredConstants,
    mean_gram,
    measured_constants,
    searched_constants,
)
from rootkappa.dynamics.powers import (
    power_bound_heavy_ball,
    power_bound_nesterov,
    power_constant,
    power_norms,
    start_prefactor,
)

__all__ = [
    "Aiming",
    "ConstantFriction",
    "Flow",
    "GradientFlow",
    "MeasuredConstants",
    "RecursionTerms",
    "VanishingFriction",
    "aiming",
    "companion",
    "decompose",
    "flow_residuals",
    "frozen_norms",
    "frozen_residuals",
    "gegenbauer_response",
    "integrate_flow",
    "is_oscillatory",
    "lazy_displacement",
    "legendre_iterates",
    "mean_gram",
    "measured_constants",
    "modal_response",
    "oscillatory_interval",
    "power_bound_heavy_ball",
    "power_bound_nesterov",
    "power_constant",
    "power_norms",
    "recursion_terms",
    "searched_constants",
    "slowest_eigenvalue",
    "spectral_radius",
    "stability_limit",
    "start_prefactor",
    "steps_to",
    "two_factor_response",
]
