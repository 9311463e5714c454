"""Deep linear networks: the start, the frozen recursion, step counts and tails, and bounds.

A draw is a set of labels and weights, and where networks are trained side by side each has its own.
"""

from rootkappa.evidence.deep_linear import bounds, frozen, networks, speed, start

__all__ = ["bounds", "frozen", "networks", "speed", "start"]
