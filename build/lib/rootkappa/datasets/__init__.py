"""Data for the chapters: made, bundled, and reduced to rank size."""

from rootkappa.datasets.bundled import diabetes, digits
from rootkappa.datasets.dataset import Dataset, reduce_to_rank
from rootkappa.datasets.downloaded import fetch
from rootkappa.datasets.named import load, names, subsample
from rootkappa.datasets.printed import bu2021_losses
from rootkappa.datasets.synthetic import gaussian, near_parallel_pair, paired, sphere

__all__ = [
    "Dataset",
    "bu2021_losses",
    "diabetes",
    "digits",
    "fetch",
    "gaussian",
    "load",
    "names",
    "near_parallel_pair",
    "paired",
    "reduce_to_rank",
    "sphere",
    "subsample",
]
