"""How wide a network has to be: widths searched by bisection, drift, energy, and Krylov letters."""

from rootkappa.evidence.how_wide import (
    drift,
    energy,
    forms,
    letters,
    networks,
    population,
    races,
    relu,
    relu_widths,
    thresholds,
    widths,
)

__all__ = [
    "drift",
    "energy",
    "forms",
    "letters",
    "networks",
    "population",
    "races",
    "relu",
    "relu_widths",
    "thresholds",
    "widths",
]
