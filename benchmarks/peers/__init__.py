"""One file a competitor. Each has a TITLE, and prepare(problem), which may compile.

What prepare returns is what is timed: a function that trains all runs and gives the losses of all
steps, shape (runs, steps + 1).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from benchmarks.cases import Case

# The library first: every ratio is against it.
NAMES = ("ours", "torch_engine", "reduced", "torch_loop", "torch_vmap", "jax_scan")


def peers(case: Case) -> dict[str, ModuleType]:
    """The peers that are installed and can solve the case."""
    absent = set(case.left_out)
    if case.reduce is None:
        absent.add("reduced")
    if find_spec("jax") is None:
        absent.add("jax_scan")
    return {name: peer(name) for name in NAMES if name not in absent}


def peer(name: str) -> ModuleType:
    """One peer by the name of its file."""
    return import_module(f"benchmarks.peers.{name}")
