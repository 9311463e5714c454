"""The method family, its classical tunings, schedules and restart rules."""

from rootkappa.optimizers.forms import FORMS, Form
from rootkappa.optimizers.iterate import Iterate, iterate
from rootkappa.optimizers.method import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)
from rootkappa.optimizers.restarts import GradientRestart, Restart, StepView
from rootkappa.optimizers.schedules import NesterovSchedule, Schedule
from rootkappa.optimizers.tunings import (
    classical_gradient_descent,
    classical_nesterov,
    lazy_nesterov,
    modular_heavy_ball,
    optimal_gradient_descent,
    optimal_heavy_ball,
    optimal_nesterov,
)

__all__ = [
    "FORMS",
    "Form",
    "GradientRestart",
    "Iterate",
    "Method",
    "NesterovSchedule",
    "Restart",
    "Schedule",
    "StepView",
    "classical_gradient_descent",
    "classical_nesterov",
    "gradient_descent",
    "heavy_ball",
    "iterate",
    "lazy_nesterov",
    "modular_heavy_ball",
    "nesterov",
    "optimal_gradient_descent",
    "optimal_heavy_ball",
    "optimal_nesterov",
    "triple_momentum",
]
