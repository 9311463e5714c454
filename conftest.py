"""What every test run shares: the fixed environment of the kernels, and the book's cache."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

# The tools are scripts, not a package: this is read before pytest sets its own `pythonpath`.
sys.path.insert(0, str(Path(__file__).parent / "tools"))

from rootkappa_sphinx.execution import fix_environment

fix_environment()

pytest_plugins = ["nbval_cache"]


def pytest_collection_finish() -> None:
    """Leave what the collection made out of each later garbage collection: a tenth of the time."""
    gc.collect()
    gc.freeze()
    # What tests load later, jax and torch's compiler among it, is seldom looked through either.
    gc.set_threshold(20_000, 20, 50)
