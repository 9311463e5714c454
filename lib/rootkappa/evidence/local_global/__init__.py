"""Local and global: cycles, rates near minimisers, inclusions, and the essay of 2026.

A draw is a method and its constants, a network with its labels and start, or ten additive models.
"""

from rootkappa.evidence.local_global import (
    bounds,
    constants,
    cycle_free,
    cycles,
    essay,
    geometry,
    paths,
)

__all__ = ["bounds", "constants", "cycle_free", "cycles", "essay", "geometry", "paths"]
