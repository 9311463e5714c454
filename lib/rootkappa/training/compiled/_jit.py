"""How kernels are compiled, and where they are kept between processes.

numba keeps what it compiled beside its source, and looks whether that one file has changed; it does
not see edits of what a kernel imports. Here the folder is named by a digest of all files of this
room, so that an edit of any of them compiles everything anew.
"""

from __future__ import annotations

import functools
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.registry import cpu_target
from numba.misc.appdirs import AppDirs

# Divisions and indices are not checked; contractions and reorderings of sums stay forbidden.
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, and keep it for the next process if that is possible.

    Args:
        function: What numba can compile.

    Returns:
        The compiled function; it releases the interpreter's lock.
    """
    kept = folder()
    if kept is None:
        return njit(**_OPTIONS)(function)
    earlier, config.CACHE_DIR = config.CACHE_DIR, kept
    try:
        return njit(cache=True, **_OPTIONS)(function)
    finally:
        config.CACHE_DIR = earlier


@functools.cache
def folder() -> str | None:
    """Find the folder for compiled kernels: below NUMBA_CACHE_DIR, else in the user's cache.

    Returns:
        Its path; None if nothing can be written there, and each process compiles for itself.
    """
    root = config.CACHE_DIR or AppDirs(appname="rootkappa", appauthor=False).user_cache_dir
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    found = Path(root) / f"kernels-{digest.hexdigest()}"
    try:
        found.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=found).close()
    except OSError:
        return None
    return str(found)


def lack() -> str | None:
    """Say why kernels cannot run here, or would be slower than torch.

    Returns:
        The reason; None if there is none.
    """
    if config.DISABLE_JIT:
        return "NUMBA_DISABLE_JIT is set"
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    if triple.startswith(("aarch64", "arm64")) or "+fma" in features.split(","):
        return None
    return "this processor has no fused multiply-add"
