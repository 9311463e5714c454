"""The method family, its classical tunings, schedules and restart rules."""

from rootkappa.optimizers.forms import FORMS
from rootkappa.optimizers.higher_momentum import HigherMomentum
from rootkappa.optimizers.method import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)
from rootkappa.optimizers.restarts import (
    FunctionRestart,
    GradientRestart,
    SpeedRestart,
    StepView,
)
from rootkappa.optimizers.schedules import NesterovSchedule
from rootkappa.optimizers.tunings import (
    classical_gradient_descent,
    classical_nesterov,
    lazy_nesterov,
    modular_heavy_ball,
    optimal_gradient_descent,
    optimal_heavy_ball,
    optimal_nesterov,
)
from rootkappa.optimizers.walk import walk

__all__ = [
    "FORMS",
    "FunctionRestart",
    "GradientRestart",
    "HigherMomentum",
    "Method",
    "NesterovSchedule",
    "SpeedRestart",
    "StepView",
    "classical_gradient_descent",
    "classical_nesterov",
    "gradient_descent",
    "heavy_ball",
    "lazy_nesterov",
    "modular_heavy_ball",
    "nesterov",
    "optimal_gradient_descent",
    "optimal_heavy_ball",
    "optimal_nesterov",
    "triple_momentum",
    "walk",
]
