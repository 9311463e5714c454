"""Where executed chapters are kept, and under what name, so that stale numbers cannot be published.

jupyter-cache knows a chapter by its code alone: it would hand out old numbers after a change of
the library. Each chapter therefore has a cache of its own, in a folder that is named by a digest of
everything else that its numbers depend on, and folders with another name are removed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cells import code_cells

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("lib/**/*.py", "constraints.txt")

# Sums depend on the number of threads, printed sets on the seed of the hash.
FIXED_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def fix_environment() -> None:
    """Set the variables of every chapter's kernel, as far as the caller has not set them."""
    for name, value in FIXED_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def digest(chapter: Path) -> str:
    """Return the name of what a chapter's outputs depend on besides its code.

    The options of its code cells are part of it: jupyter-cache keeps them with the outputs, and
    would show a caption or a hidden cell as it was. Of claims.toml it takes the chapter's own
    claims, of the data the files that the chapter names.
    """
    book, text = chapter.parent, chapter.read_text(encoding="utf-8")
    options = [cell.options for cell in code_cells(text)]
    state = hashlib.sha256(json.dumps([sys.version_info[:3], options]).encode())
    state.update(_claims_of(chapter.stem, book / "claims.toml"))
    files = [path for pattern in SHARED for path in sorted(book.parent.glob(pattern))]
    files += [path for path in sorted(book.glob("data/*")) if path.name in text]
    for path in files:
        state.update(path.relative_to(book.parent).as_posix().encode() + b"\0")
        state.update(path.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def _claims_of(chapter: str, path: Path) -> bytes:
    content = path.read_bytes() if path.is_file() else b""
    try:
        own = [claim for claim in _entries(content) if claim["id"].startswith(f"{chapter}/")]
        return json.dumps(own, default=str).encode()
    except (ValueError, LookupError, TypeError, AttributeError):
        return content  # what is wrong with it is said where the claims are read


@functools.lru_cache(maxsize=1)
def _entries(content: bytes) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(content.decode()).get("claim", [])
    return entries


def cache_folder(chapter: Path) -> Path:
    """Return the folder of a chapter's outputs for the library as it stands."""
    return _caches(chapter.parent.parent) / f"{chapter.stem}-{digest(chapter)}"


def _caches(root: Path) -> Path:
    return root / "_build" / "execution"


def remove_stale_caches(root: Path = ROOT) -> None:
    """Remove the outputs of chapters that are gone, and those of other states of the library."""
    current = {cache_folder(chapter) for chapter in root.glob("book/*.md")}
    for folder in _caches(root).glob("*"):
        if folder.is_dir() and folder not in current:
            shutil.rmtree(folder, ignore_errors=True)


def remove_if_damaged(folder: Path) -> None:
    """Remove a cache that cannot be read to its end: its chapter is then executed again."""
    from jupyter_cache import get_cache

    if not folder.exists():
        return
    try:
        cache = get_cache(folder)
        for record in cache.list_cache_records():
            cache.get_cache_bundle(record.pk)
    except Exception:  # the data base, the notebook and its reader each raise errors of their own
        shutil.rmtree(folder, ignore_errors=True)


def _configure(app: Sphinx, config: Config) -> None:
    fix_environment()
    root = Path(app.srcdir)
    remove_stale_caches(root)
    # Only a name for myst-nb: each chapter has a folder of its own below it.
    config.nb_execution_cache_path = str(_caches(root))


def adapt_the_cache() -> None:
    """Give each chapter a cache of its own, and let what comes from it keep its outputs.

    myst-nb 1.4 draws a merged copy of a cached chapter, and writes the notebook that came in: the
    notebook to download would have no outputs, and the ledger no records.
    """
    from myst_nb.core.execute.cache import NotebookClientCache

    start = NotebookClientCache.start_client
    if getattr(start, "is_adapted", False):
        return

    def start_client(client: Any) -> None:
        given = client.notebook
        folder = cache_folder(Path(client.path))
        remove_if_damaged(folder)
        client._nb_config = replace(client.nb_config, execution_cache_path=str(folder))
        start(client)
        given.update(client.notebook)

    # A mark on the function itself, so that it is wrapped only once; functions have no such type.
    start_client.is_adapted = True  # type: ignore[attr-defined]
    NotebookClientCache.start_client = start_client


def setup(app: Sphinx) -> None:
    """Name the cache before myst-nb reads its configuration."""
    adapt_the_cache()
    app.connect("config-inited", _configure, priority=100)
