"""Additive models: constants, lemmas, rates, a certificate, a figure inverted, and a threshold.

A draw is a model of random condition number, eigenvalues, singular vectors and strength of u, with
random labels and start; for the threshold it is a saw-tooth, for the figure an experiment.
"""

from rootkappa.evidence.additive_models.along_runs import (
    follow,
    lemmas,
    lyapunov,
    ratios,
    theorems,
)
from rootkappa.evidence.additive_models.drawn import Draw, drawn
from rootkappa.evidence.additive_models.inequalities import CERTIFIED_KAPPAS, certificate
from rootkappa.evidence.additive_models.inversion import figure_1, fit, invert, iterates, modes
from rootkappa.evidence.additive_models.quotients import constants
from rootkappa.evidence.additive_models.rate import exact_rate, slowest_mode
from rootkappa.evidence.additive_models.saw_teeth import predicted_factor, threshold, tunings

__all__ = [
    "CERTIFIED_KAPPAS",
    "Draw",
    "certificate",
    "constants",
    "drawn",
    "exact_rate",
    "figure_1",
    "fit",
    "follow",
    "invert",
    "iterates",
    "lemmas",
    "lyapunov",
    "modes",
    "predicted_factor",
    "ratios",
    "slowest_mode",
    "theorems",
    "threshold",
    "tunings",
]
