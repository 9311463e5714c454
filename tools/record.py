"""Execute the chapters again and store their outputs: `make record`, or `python tools/record.py`.

Chapters may be named: `python tools/record.py quadratics`. A chapter whose cell fails keeps the
notebook that it had, and the command ends with status 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import nbclient
from nbclient.exceptions import CellExecutionError

from chapters import chapters, read_source, store_form, write_whole
from rootkappa_sphinx.execution import ROOT, fix_environment

CELL_TIMEOUT = 600  # seconds


def record(path: Path) -> bool:
    """Execute one chapter in its folder and replace its notebook; tell whether it changed."""
    notebook = execute(path)
    target = path.with_suffix(".ipynb")
    text = store_form(notebook)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    write_whole(target, text)
    return True


def execute(path: Path) -> Any:
    """Execute a chapter in its folder and return the notebook with outputs."""
    notebook = read_source(path)
    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    return client.execute()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, usage="record.py [chapter ...]")
    parser.add_argument("chapters", nargs="*", help="names without suffix; all if none is given")
    parser.add_argument("--book", type=Path, default=ROOT / "book", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    fix_environment()
    known = {path.stem: path for path in chapters(options.book)}
    unknown = sorted(set(options.chapters) - set(known))
    if unknown:
        parser.error(f"no chapter named {', '.join(unknown)}: choose from {', '.join(known)}.")
    failed = [name for name in options.chapters or known if not _report(name, known[name])]
    if failed:
        print(f"not recorded, because a cell failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _report(name: str, path: Path) -> bool:
    start = time.perf_counter()
    try:
        changed = record(path)
    except CellExecutionError as error:
        print(f"{name}: failed\n{error}", file=sys.stderr)
        return False
    seconds = time.perf_counter() - start
    print(f"{name:<16}{seconds:7.1f} s  {'new outputs' if changed else 'unchanged'}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
