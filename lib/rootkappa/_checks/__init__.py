"""The gate at the library's boundary: each check returns the value, or raises one sentence.

The sentence names the value that was got and what to do about it. Callers use what is returned: it
has the right type, whatever sequence, NumPy array or scalar came in.
"""

from rootkappa._checks.objects import choice, function, instance, mapping
from rootkappa._checks.scalars import (
    at_least,
    count,
    fraction,
    leak,
    number,
    positive,
    seed,
    within,
)
from rootkappa._checks.sequences import counts, layers, seeds, sequence, tensors
from rootkappa._checks.tensors import data, dense, floating, vector

__all__ = [
    "at_least",
    "choice",
    "count",
    "counts",
    "data",
    "dense",
    "floating",
    "fraction",
    "function",
    "instance",
    "layers",
    "leak",
    "mapping",
    "number",
    "positive",
    "seed",
    "seeds",
    "sequence",
    "tensors",
    "vector",
    "within",
]
