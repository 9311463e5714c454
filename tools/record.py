"""Execute the chapters again and store their outputs: `make record`, or `python tools/record.py`.

Chapters may be named: `python tools/record.py quadratics`. A chapter that does not run to its end
keeps the notebook that it had; the others are recorded, and the command ends with status 1.
`--time-limit 60` gives each cell so many seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import nbclient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import first_cell
from chapters import named, read_source, store_form
from rootkappa import _checks
from rootkappa._files import write_atomically
from rootkappa_sphinx.execution import ROOT, fix_environment

TIME_LIMIT = 600.0  # seconds of a cell


def record(path: Path, time_limit: float = TIME_LIMIT) -> bool:
    """Execute one chapter in its folder and replace its notebook; tell whether it changed."""
    first_cell.put_in(path)
    notebook = execute(path, time_limit)
    target = path.with_suffix(".ipynb")
    text = store_form(notebook)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    write_atomically(target, text)
    return True


def execute(path: Path, time_limit: float = TIME_LIMIT, allow_errors: bool = False) -> Any:
    """Execute a chapter in its folder and return the notebook with outputs.

    A cell that fails ends it, unless errors are allowed.
    """
    notebook = read_source(path)
    client = nbclient.NotebookClient(
        notebook,
        timeout=time_limit,
        kernel_name="python3",
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(path.parent)}},
    )
    return client.execute()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    usage = "record.py [--time-limit SECONDS] [chapter ...]"
    parser = argparse.ArgumentParser(description=__doc__, usage=usage)
    parser.add_argument("chapters", nargs="*", help="names without suffix; all if none is given")
    parser.add_argument("--time-limit", type=_seconds, default=TIME_LIMIT, help="of each cell")
    parser.add_argument("--book", type=Path, default=ROOT / "book", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    fix_environment()
    try:
        paths = named(options.book, options.chapters)
    except ValueError as error:
        parser.error(str(error))
    failed = [path.stem for path in paths if not _report(path, options.time_limit)]
    if failed:
        print(f"not recorded: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _seconds(text: str) -> float:
    try:
        return _checks.positive("time limit", float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0") from error


def _report(path: Path, time_limit: float) -> bool:
    start = time.perf_counter()
    try:
        changed = record(path, time_limit)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, OSError) as error:
        print(f"{path.stem}: {_reason(error, time_limit)}", file=sys.stderr, flush=True)
        return False
    seconds = time.perf_counter() - start
    print(
        f"{path.stem:<16}{seconds:7.1f} s  {'new outputs' if changed else 'unchanged'}", flush=True
    )
    return True


def _reason(error: Exception, time_limit: float) -> str:
    if isinstance(error, CellExecutionError):
        return f"a cell failed with {error.ename}: {error.evalue}\n{error}"
    if isinstance(error, CellTimeoutError):
        return f"a cell took more than {time_limit:g} s: shorten it, or raise --time-limit."
    if isinstance(error, DeadKernelError):
        return "the kernel died in a cell, for want of memory or by an exit: look at what it does."
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
