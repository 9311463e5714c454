"""What follows a real run: its residual recursion, where it ends, and the constants it meets."""

from rootkappa.residuals.activations import recursion_terms
from rootkappa.residuals.aiming import aiming
from rootkappa.residuals.energy import heavy_ball_energy
from rootkappa.residuals.measured import (
    MeasuredConstants,
    measured_constants,
    searched_constants,
)
from rootkappa.residuals.remainder import residual_path

__all__ = [
    "MeasuredConstants",
    "aiming",
    "heavy_ball_energy",
    "measured_constants",
    "recursion_terms",
    "residual_path",
    "searched_constants",
]
