"""What a compiled kernel costs before its first step: `python -m benchmarks.starts`.

Each start is a process of its own: the first compiles, in an empty folder, the others load.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from statistics import median

from benchmarks import parts

REPEATS = 5
ARCHITECTURES = ("TwoLayerReLU", "DeepReLU", "DeepLinear")
# Seconds of the processor from the moment that torch and the library are there.
START = """
import sys, time, torch, rootkappa
from rootkappa.training._programs import unable
kind = getattr(rootkappa, sys.argv[1])
begin = time.process_time()
import numba
imported = time.process_time()
assert unable(kind) is None
print(imported - begin, time.process_time() - imported)
"""


def start(architecture: str) -> parts.Row:
    """Compile a kernel, and load it again."""
    with tempfile.TemporaryDirectory() as folder:
        (_, first), *others = (_seconds(architecture, folder) for _ in range(1 + REPEATS))
    numba, loaded = zip(*others, strict=True)
    return {"numba, s": median(numba), "compiled, s": first, "loaded, s": median(loaded)}


def _seconds(architecture: str, folder: str) -> tuple[float, float]:
    command = [sys.executable, "-c", START, architecture]
    environment = os.environ | {"NUMBA_CACHE_DIR": folder}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    imported, kernel = map(float, done.stdout.split())
    return imported, kernel


PARTS = {name: functools.partial(start, name) for name in ARCHITECTURES}

if __name__ == "__main__":
    parts.main("starts", __doc__, PARTS, REPEATS)
