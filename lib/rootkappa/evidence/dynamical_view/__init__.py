"""The dynamical view: flows, the schedule, one network under four methods, restarts, a notebook.

A draw is a data set with its limit kernel, and where a network is trained its weights as well.
"""

from rootkappa.evidence.dynamical_view.flows import (
    discretisation_order,
    drawn,
    hb_flow,
    nag_flow,
)
from rootkappa.evidence.dynamical_view.limits import joint_limit
from rootkappa.evidence.dynamical_view.networks import contradiction, discrete_is_linear, trained
from rootkappa.evidence.dynamical_view.notebook import authors_data, higher_momentum
from rootkappa.evidence.dynamical_view.restarts import restart
from rootkappa.evidence.dynamical_view.schedule import discrete_solution

__all__ = [
    "authors_data",
    "contradiction",
    "discrete_is_linear",
    "discrete_solution",
    "discretisation_order",
    "drawn",
    "hb_flow",
    "higher_momentum",
    "joint_limit",
    "nag_flow",
    "restart",
    "trained",
]
