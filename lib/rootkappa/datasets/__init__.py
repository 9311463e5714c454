"""Data for the chapters: made, bundled, and reduced to rank size."""

from rootkappa.datasets.bundled import diabetes, digits
from rootkappa.datasets.dataset import Dataset, reduce_to_rank
from rootkappa.datasets.printed import bu2021_losses
from rootkappa.datasets.synthetic import gaussian, near_parallel_pair, sphere

__all__ = [
    "Dataset",
    "bu2021_losses",
    "diabetes",
    "digits",
    "gaussian",
    "near_parallel_pair",
    "reduce_to_rank",
    "sphere",
]
