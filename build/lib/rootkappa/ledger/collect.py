"""Collecting the records of executed chapters into the ledger."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rootkappa.ledger.claims import Claim
from rootkappa.ledger.records import MIME


class LedgerError(ValueError):
    """The chapters and claims.toml disagree; the message lists every place."""


@dataclass(frozen=True)
class Book:
    """All claims with the records that settle them.

    Args:
        claims: All claims, by id, in the ledger's order.
        records: Valid records by claim id, as `Record.to_dict` wrote them.
        errors: One sentence for each disagreement; empty in a sound book.
    """

    claims: Mapping[str, Claim]
    records: Mapping[str, Mapping[str, Any]]
    errors: tuple[str, ...]

    def check(self) -> Book:
        """Insist on a sound book.

        Returns:
            The book itself.

        Raises:
            LedgerError: If there is any disagreement.
        """
        if self.errors:
            raise LedgerError("\n".join(self.errors))
        return self

    def verdict(self, claim_id: str) -> str:
        """Return what came of a claim.

        Args:
            claim_id: The claim.

        Returns:
            Its verdict, "open" when it is not entered, or "missing" when no valid record
            settles it.
        """
        if claim_id in self.records:
            return str(self.records[claim_id]["verdict"])
        return "missing" if self.claims[claim_id].entered else "open"


def collect(claims: Mapping[str, Claim], notebooks: Iterable[str | Path]) -> Book:
    """Collect the records of executed notebooks, with all errors together.

    Args:
        claims: The claims, from `read_claims`.
        notebooks: Executed notebooks; each is named after its chapter, chapter.ipynb.

    Returns:
        The book. Its errors name a record of an unknown claim, in the wrong chapter, without a
        control, stale or settled twice, and every entered claim that no chapter settles.
    """
    errors: list[str] = []
    records: dict[str, Mapping[str, Any]] = {}
    places: dict[str, str] = {}
    for path in map(Path, notebooks):
        for record in _records(path):
            claim_id = str(record.get("id"))
            if claim_id in places:
                errors.append(
                    f"{path.name}: claim {claim_id!r} is settled twice, first in "
                    f"{places[claim_id]}: keep one record."
                )
                continue
            places[claim_id] = path.name
            error = _error(claims, path, record)
            if error:
                errors.append(f"{path.name}: {error}")
            else:
                records[claim_id] = _in_order(claims[claim_id], record)
    errors += [
        f"claims.toml: claim {claim.id!r} is entered but no chapter settles it: "
        f"settle it in {claim.chapter}, or take out its accept until its chapter comes."
        for claim in claims.values()
        if claim.entered and claim.id not in places
    ]
    return Book(claims, records, tuple(errors))


def to_json(book: Book, environment: Mapping[str, Any] | None = None) -> str:
    """Write the ledger for machines.

    Args:
        book: The collected book.
        environment: The stamp of what it was measured on; the first object carries it.

    Returns:
        JSON text: a list with one object a claim, in the ledger's order.
    """
    rows = [_row(book, claim) for claim in book.claims.values()]
    if environment is not None and rows:
        rows[0]["environment"] = dict(environment)
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_atomically(path: str | Path, text: str) -> None:
    """Write a file by rename, so that an interruption leaves the earlier one whole.

    Args:
        path: The file.
        text: Its new content.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        # mkstemp makes files that only their owner can read; a web server must read this one.
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(MIME)
            if record is not None:
                yield record


def _error(claims: Mapping[str, Claim], path: Path, record: Mapping[str, Any]) -> str:
    claim_id = record.get("id")
    claim = claims.get(str(claim_id))
    if claim is None:
        return (
            f"there is no claim {claim_id!r} in claims.toml: "
            "enter it, or re-run `make record` if it was renamed."
        )
    if claim.chapter != path.stem:
        return (
            f"claim {claim_id!r} belongs to chapter {claim.chapter!r}, not {path.stem!r}: "
            "settle it there."
        )
    control = record.get("control") or {}
    if not control.get("measured") or not control.get("failed"):
        return f"the record of claim {claim_id!r} has no control: settle it with one."
    if record.get("digest") != claim.digest:
        return (
            f"the record of claim {claim_id!r} is stale, claims.toml has changed since: "
            "re-run `make record`."
        )
    return ""


def _in_order(claim: Claim, record: Mapping[str, Any]) -> Mapping[str, Any]:
    # Notebooks are stored with sorted keys; the reader gets the claim's own order.
    measured = {name: record["measured"][name] for name in claim.accept or {}}
    return {**record, "measured": measured}


def _row(book: Book, claim: Claim) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": claim.id,
        "chapter": claim.chapter,
        "paper": claim.paper,
        "source": claim.source,
        "kind": claim.kind,
        "statement": claim.statement,
        "predicted": claim.predicted,
        "verdict": book.verdict(claim.id),
        "measured": None,
        "slack": None,
        "counts": None,
        "hypotheses": None,
        "control": {"what": claim.control, "measured": None, "failed": None},
    }
    row |= {"note": claim.note} if claim.note else {}
    record = book.records.get(claim.id)
    if record:
        row |= {key: record[key] for key in ("measured", "slack", "counts", "hypotheses")}
        row["control"] = dict(record["control"])
    return row
