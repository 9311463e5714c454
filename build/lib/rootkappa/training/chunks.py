"""How many replicas to run together.

On a CPU the state of a chunk should stay in the cache: stacking more replicas saves overhead until
the state leaves it. On a GPU small kernels are launch-bound, so more is better until memory ends.
"""

from __future__ import annotations

import math

import torch

from rootkappa import _checks
from rootkappa.architectures import Model

# Measured with benchmarks/ on a processor with 1 MiB of second-level cache a core and 32 MiB of
# third-level cache: flat from 1 to 8 MiB, a factor two slower at 16 MiB.
CPU_BYTES = 6 << 20
GPU_SHARE = 0.25


def replicas_together(model: Model, replicas: int, asked: int | None = None) -> int:
    """Choose the chunk size from the bytes of one replica and the device.

    Args:
        model: The architecture.
        replicas: How many replicas there are.
        asked: A chunk size that overrides the choice.

    Returns:
        The number of replicas to run together, 1 to `replicas`.

    Raises:
        ValueError: If `asked` is below 1.
    """
    if asked is not None:
        return min(_checks.count("chunk", asked), replicas)
    fitting = max(1, _budget(model.Y.device) // bytes_per_replica(model))
    # Evenly: a last chunk of a few replicas would cost as many calls as a full one.
    return math.ceil(replicas / math.ceil(replicas / fitting))


def bytes_per_replica(model: Model) -> int:
    """Count the bytes that a step of a replica moves: weights, velocities and activations.

    Args:
        model: The architecture.

    Returns:
        The number of bytes.
    """
    weights = sum(rows * cols for rows, cols in model.shapes)
    return model.Y.element_size() * (2 * weights + model.signals)


def _budget(device: torch.device) -> int:
    if device.type != "cuda":
        return CPU_BYTES
    return int(GPU_SHARE * torch.cuda.mem_get_info(device)[0])
