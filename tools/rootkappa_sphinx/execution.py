"""Where executed chapters are kept, and under what name, so that stale numbers cannot be published.

jupyter-cache knows a chapter by its code alone: it would hand out old numbers after a change of
the library. The folder of the cache is therefore named by a digest of everything else that the
numbers depend on, and folders with another name are removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("lib/**/*.py", "book/claims.toml", "constraints.txt")

# Sums depend on the number of threads, printed sets on the seed of the hash.
FIXED_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

_CELL_OPTIONS = re.compile(r"^```\{code-cell\}[^\n]*\n((?::[^\n]*\n|---\n.*?---\n)*)", re.M | re.S)


def fix_environment() -> None:
    """Set the variables of every chapter's kernel, as far as the caller has not set them."""
    for name, value in FIXED_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def digest(root: Path = ROOT) -> str:
    """Return the name of what executed chapters depend on besides their code.

    The options of code cells are part of it: jupyter-cache keeps them with the outputs, and
    would show a caption or a hidden cell as it was.
    """
    state = hashlib.sha256(f"{sys.version_info[:3]}".encode())
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            state.update(path.relative_to(root).as_posix().encode() + b"\0")
            state.update(path.read_bytes() + b"\0")
    for path in sorted(root.glob("book/*.md")):
        for options in _CELL_OPTIONS.findall(path.read_text(encoding="utf-8")):
            state.update(options.encode() + b"\0")
    return state.hexdigest()[:16]


def cache_folder(root: Path = ROOT) -> Path:
    """Return the folder of the executed chapters for the library as it stands."""
    return root / "_build" / "execution" / digest(root)


def remove_stale_caches(root: Path = ROOT) -> None:
    """Remove the executed chapters of other states of the library."""
    current = cache_folder(root)
    for folder in current.parent.glob("*"):
        if folder.is_dir() and folder != current:
            shutil.rmtree(folder, ignore_errors=True)


def _configure(app: Sphinx, config: Config) -> None:
    fix_environment()
    root = Path(app.srcdir)
    remove_stale_caches(root)
    config.nb_execution_cache_path = str(cache_folder(root))


def keep_outputs_of_cached_chapters() -> None:
    """Let a chapter that comes from the cache be written with its outputs.

    myst-nb 1.4 draws a merged copy of it, and writes the notebook that came in: the notebook to
    download would have no outputs, and the ledger no records.
    """
    from myst_nb.core.execute.cache import NotebookClientCache

    start = NotebookClientCache.start_client
    if getattr(start, "keeps_outputs", False):
        return

    def start_client(client: Any) -> None:
        given = client.notebook
        start(client)
        given.update(client.notebook)

    # A mark on the function itself, so that it is wrapped only once; functions have no such type.
    start_client.keeps_outputs = True  # type: ignore[attr-defined]
    NotebookClientCache.start_client = start_client


def setup(app: Sphinx) -> None:
    """Name the cache before myst-nb reads its configuration."""
    keep_outputs_of_cached_chapters()
    app.connect("config-inited", _configure, priority=100)
