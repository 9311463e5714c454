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


_FILTERS = {
    "verdict": "with this verdict",
    "paper": "of this paper, by its citation key",
    "chapter": "of this chapter",
}


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
    claims = commands.add_parser("claims", help="list the claims with their published verdicts")
    for name, what in _FILTERS.items():
        claims.add_argument(f"--{name}", help=f"only those {what}")
    claims.set_defaults(command=_claims)
    claim = commands.add_parser("claim", help="measure a claim and its control afresh")
    claim.add_argument("id", metavar="ID", help="chapter/slug, as `rootkappa claims` lists them")
    claim.add_argument("--draws", metavar="N", type=int, help="as many as the claim asks for")
    claim.add_argument(
        "--shift", metavar="K", type=int, default=0, help="other draws; 0: the book's"
    )
    claim.set_defaults(command=_claim)
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


def _claims(given: argparse.Namespace) -> int:
    from rootkappa import ledger

    book = ledger.published()
    rows = [
        {
            "id": claim.id,
            "verdict": [book.verdict(claim.id)],
            "paper": claim.papers,
            "chapter": [claim.chapter],
        }
        for claim in book.claims.values()
    ]
    for name in _FILTERS:
        wanted = getattr(given, name)
        known = sorted({value for row in rows for value in row[name]})
        if wanted is not None and wanted not in known:
            raise ValueError(f"no claim has the {name} {wanted!r}: use one of {', '.join(known)}.")
    kept = [
        row for row in rows if all(getattr(given, name) in (None, *row[name]) for name in _FILTERS)
    ]
    width = max((len(row["id"]) for row in kept), default=0)
    for row in kept:
        print(f"{row['id']:{width}}  {row['verdict'][0]}")
    return 0


def _claim(given: argparse.Namespace) -> int:
    from rootkappa import devices, draws, evidence

    devices.set_up()
    with draws.shifted(given.shift):
        found = evidence.settle_afresh(given.id, given.draws)
    print(found.record)
    print(found)
    return 0 if found.agrees else 1


def _environment(given: argparse.Namespace) -> int:
    from rootkappa import devices

    devices.set_up()
    for name, value in devices.environment().items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
