"""Collecting the records of executed chapters into the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rootkappa.ledger._stored import read_record
from rootkappa.ledger.claims import Claim
from rootkappa.ledger.records import Record

_AGAIN = "re-run `make record`."


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

    @classmethod
    def collect(cls, claims: Mapping[str, Claim], notebooks: Iterable[str | Path]) -> Book:
        """Collect the records of executed notebooks, with all errors together.

        Args:
            claims: The claims, from `read_claims`.
            notebooks: Executed notebooks; each is named after its chapter, chapter.ipynb.

        Returns:
            The book. Its errors name, with file and cell, every notebook that is damaged, every
            record of an unknown claim, in the wrong chapter, stale, settled twice, incomplete or
            contradicting itself, and every entered claim that no chapter settles.
        """
        errors: list[str] = []
        records: dict[str, Mapping[str, Any]] = {}
        places: dict[str, str] = {}
        for path in map(Path, notebooks):
            for place, record in _records(path, errors):
                claim_id = str(record.get("id"))
                error = _error(claims, path, record, places.get(claim_id))
                if error:
                    errors.append(f"{place}: {error}")
                else:
                    records[claim_id] = _in_order(claims[claim_id], record)
                places.setdefault(claim_id, place)
        errors += [
            _missing(claim) for claim in claims.values() if claim.entered and claim.id not in places
        ]
        return cls(claims, records, tuple(errors))

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

    def to_json(self, environment: Mapping[str, Any] | None = None) -> str:
        """Write the ledger for machines.

        Args:
            environment: The stamp of what it was measured on; the first object carries it.

        Returns:
            JSON text: a list with one object a claim, in the ledger's order.
        """
        rows = [_row(self, claim) for claim in self.claims.values()]
        if environment is not None and rows:
            rows[0]["environment"] = dict(environment)
        return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _records(path: Path, errors: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each record of a notebook with its place; what is damaged goes to the errors."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        errors.append(f"{path.name} is no readable notebook ({reason}): {_AGAIN}")
        return
    for number, cell in enumerate(cells, start=1):
        place = f"{path.name}, cell {number}"
        try:
            yield from ((place, record) for record in records_of(cell))
        except (AttributeError, TypeError, KeyError) as error:
            errors.append(f"{place} is damaged ({type(error).__name__}: {error}): {_AGAIN}")


def records_of(cell: Any) -> list[Mapping[str, Any]]:
    """Find what a cell of an executed notebook has settled.

    Args:
        cell: The cell, as the notebook holds it.

    Returns:
        Its records, in the order of its outputs.

    Raises:
        TypeError: If a record is no object.
    """
    outputs = cell["outputs"] if cell["cell_type"] == "code" else ()
    found = [output.get("data", {}).get(Record.MIME) for output in outputs]
    records = [record for record in found if record is not None]
    if not all(isinstance(record, Mapping) for record in records):
        raise TypeError("its record is no object")
    return records


def _error(
    claims: Mapping[str, Claim], path: Path, record: Mapping[str, Any], earlier: str | None
) -> str:
    claim_id = record.get("id")
    claim = claims.get(str(claim_id))
    if earlier is not None:
        return f"claim {claim_id!r} is settled twice, first in {earlier}: keep one record."
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
    if record.get("digest") != claim.digest:
        return f"the record of claim {claim_id!r} is stale, claims.toml has changed since: {_AGAIN}"
    try:
        read_record(claim, record)
    except ValueError as error:
        return f"the record of claim {claim_id!r} {error}: {_AGAIN}"
    return ""


def _missing(claim: Claim) -> str:
    return (
        f"claims.toml: claim {claim.id!r} is entered but no chapter settles it: "
        f"settle it in {claim.chapter}, or take out its accept until its chapter comes."
    )


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
        "names": dict(claim.names),
        "page": claim.page,
        "prediction": claim.prediction,
        "second": claim.second,
        "verdict": book.verdict(claim.id),
        "measured": None,
        "attained": None,
        "slack": None,
        "population": None if claim.population is None else {"of": claim.population.of},
        "hypotheses": None,
        "control": {"what": claim.control, "breaks": claim.breaks},
    }
    row |= {"note": claim.note} if claim.note else {}
    record = book.records.get(claim.id)
    if record:
        settled = ("measured", "attained", "slack", "population", "hypotheses", "control")
        row |= {key: record[key] for key in settled}
    return row
