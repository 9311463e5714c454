"""`python -m benchmarks`, or `make bench`: the sweep against its peers."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks import report
from benchmarks.cases import CASES
from benchmarks.measure import measure


def main() -> None:
    arguments = _arguments()
    chosen = [case.name for case in CASES if any(part in case.name for part in arguments.cases)]
    if not chosen:
        known = "; ".join(case.name for case in CASES)
        raise SystemExit(f"no case is called {arguments.cases}: choose from {known}.")
    whole = arguments.cases == [""] and arguments.threads == _threads()
    output = arguments.output or (report.STORED if whole else None)
    run = report.stamp(arguments.threads, arguments.repeats)
    rows = []
    for row in measure(chosen, arguments.threads, arguments.repeats):
        rows.append(row)
        print(report.text(row), flush=True)
        if arguments.output:
            # A file of one's own grows row by row; the published one changes when all is done.
            report.store(arguments.output, report.as_json(rows, run))
    if output is None:
        print("not stored: this is part of the table; --output FILE stores it")
        return
    report.store(output, report.as_json(rows, run))
    if output == report.STORED:
        publish()
    print(f"stored in {output}")


def publish() -> None:
    """Bring the table of the README up to what is stored."""
    page = report.README.read_text(encoding="utf-8")
    report.store(report.README, report.with_table(page, report.load()))


def _threads() -> list[int]:
    return [count for count in (1, 2) if count <= (os.cpu_count() or 1)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=[""], help="cases with this in their name")
    parser.add_argument("--threads", nargs="+", type=int, default=_threads())
    parser.add_argument("--repeats", type=_repeats, default=5, help="at least 5")
    parser.add_argument("--output", type=Path, help=f"a JSON file; {report.STORED.name} if all ran")
    return parser.parse_args()


def _repeats(value: str) -> int:
    if int(value) < 5:
        raise argparse.ArgumentTypeError(f"got {value}, a median needs at least 5")
    return int(value)


if __name__ == "__main__":
    main()
