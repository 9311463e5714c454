"""What computed a record: the library and its environment. Both are the same for a process."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

import numpy as np
import torch

from rootkappa import __version__, devices
from rootkappa.sweeps._plain import text
from rootkappa.training.engines import ENGINE_VARIABLE

_PACKAGE = Path(__file__).parents[1]
# No record comes from these, so that their changes leave a store valid.
_ABOVE = ("__main__.py", "diagnosis", "evidence", "figures", "ledger", "tables.py")


@functools.cache
def library() -> str:
    """Name the library by its version and a digest of its sources, and of what computes for it.

    Returns:
        Such as "0.1.0+3f2a...", the same wherever records come out the same to the bit on one
        processor.
    """
    found = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE)
        if name.parts[0] not in _ABOVE:
            found.update(f"{name.as_posix()}\0".encode() + path.read_bytes())
    engine = os.environ.get(ENGINE_VARIABLE, "auto")
    versions = (torch.__version__, np.__version__, devices.kernels(), engine)
    found.update(" ".join(versions).encode())
    return f"{__version__}+{found.hexdigest()}"


@functools.cache
def environment() -> str:
    """Describe versions, processor and threads.

    Returns:
        The stamp of `devices.environment`, as JSON. Reading it takes longer than a small chunk.
    """
    return text(dict(devices.environment()))
