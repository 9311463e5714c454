"""The command line: `rootkappa`, or `python -m rootkappa`."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: What stands behind `rootkappa`; those of the process if None.

    Returns:
        The exit status: 0, 1 if something failed, 2 if nothing could be begun.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        status: int = given.command(given)
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"rootkappa: {error}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rootkappa", description="Does momentum provably train neural networks faster?"
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    sweep = commands.add_parser("sweep", help="compute the records of a grid, or go on with it")
    sweep.add_argument("grid", metavar="FILE.toml", help="the grid")
    sweep.add_argument("--store", metavar="DIR", required=True, help="the folder of its records")
    sweep.add_argument(
        "--workers", metavar="N", type=int, help="processes; none but this if left out"
    )
    sweep.set_defaults(command=_sweep)
    environment = commands.add_parser("environment", help="what computes the numbers here")
    environment.set_defaults(command=_environment)
    return parser


def _sweep(given: argparse.Namespace) -> int:
    from rootkappa import sweeps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sweeps.SweepWarning)
        result = sweeps.run(given.grid, given.workers, given.store)
    counts = Counter(result.table["status"].tolist()) if len(result.table) else {}
    ends = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    print(f"{len(result.table)} records in {given.store}: {ends or 'none'}")
    for failure in result.failures:
        print(f"failed: {failure.error}\n  {failure.specification}", file=sys.stderr)
    return 1 if result.failures else 0


def _environment(given: argparse.Namespace) -> int:
    from rootkappa import devices

    devices.set_up()
    for name, value in devices.environment().items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
