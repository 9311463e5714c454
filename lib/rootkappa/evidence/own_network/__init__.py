"""Any network: 77 of them with three seeds each, measured once, stored, and judged here.

The table comes with the library and does not move with its draws. What is small is measured afresh:
the controls of the gain and of the products, and batches.
"""

from rootkappa.evidence.own_network.batches import batch_eats_gain
from rootkappa.evidence.own_network.forecasts import (
    effective_kappa,
    forecast_descent,
    forecast_momentum,
    gain_is_a_bound,
    products_needed,
)
from rootkappa.evidence.own_network.population import stored
from rootkappa.evidence.own_network.practice import best_of_ten, edge_of_stability, output_scale

__all__ = [
    "batch_eats_gain",
    "best_of_ten",
    "edge_of_stability",
    "effective_kappa",
    "forecast_descent",
    "forecast_momentum",
    "gain_is_a_bound",
    "output_scale",
    "products_needed",
    "stored",
]
