"""Chapters as notebooks: reading the MyST source, and the one form in which outputs are stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat

BINARY_TYPES = ("image/png", "image/jpeg")
KEPT_METADATA = ("jupytext", "kernelspec")


def source_of(notebook: Path) -> Path:
    """Return the MyST file beside a chapter's notebook."""
    return notebook.with_suffix(".md")


def chapters(book: Path) -> list[Path]:
    """List the MyST files of a folder that jupytext pairs with a notebook."""
    return [path for path in sorted(book.glob("*.md")) if _is_chapter(path)]


def named(book: Path, names: Sequence[str]) -> list[Path]:
    """Return the chapters of these names, or all if there is none.

    Raises:
        ValueError: If there is no chapter of a name.
    """
    known = {path.stem: path for path in chapters(book)}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"no chapter named {', '.join(unknown)}: choose from {', '.join(known)}.")
    return [known[name] for name in names or known]


def _is_chapter(path: Path) -> bool:
    head = path.read_text(encoding="utf-8").split("\n---", 1)[0]
    return head.startswith("---") and "formats: ipynb,md:myst" in head


def read_source(path: Path) -> Any:
    """Read a chapter's MyST file as a notebook without outputs."""
    return jupytext.read(path)


def store_form(notebook: Any) -> str:
    """Return the text of a notebook as it is committed: outputs in text, the same on every run."""
    stored = nbformat.from_dict(notebook)
    stored.metadata = {key: notebook.metadata[key] for key in KEPT_METADATA}
    stored.metadata["language_info"] = {"name": "python"}
    stored.nbformat, stored.nbformat_minor = 4, 5
    for number, cell in enumerate(stored.cells):
        cell.id = f"cell-{number:03d}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _text_outputs(cell.outputs)
    return str(nbformat.writes(stored)) + "\n"


def _text_outputs(outputs: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and kept and _continues(kept[-1], output):
            # How a stream is cut into messages depends on timing.
            kept[-1].text += output.text
            continue
        for name in BINARY_TYPES:
            output.get("data", {}).pop(name, None)
            output.get("metadata", {}).pop(name, None)
        kept.append(output)
    return kept


def _continues(before: Any, output: Any) -> bool:
    return before.output_type == "stream" and bool(before.name == output.name)
