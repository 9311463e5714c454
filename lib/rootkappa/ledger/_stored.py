"""Reading stored records back: one that lacks a field or contradicts itself is refused.

A chapter's outputs are files that anyone can edit. So nothing in them is believed that follows from
something else: the record is made again from its own numbers, and must come out the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rootkappa.ledger._written import read_back
from rootkappa.ledger.claims import Claim
from rootkappa.ledger.measurements import Binomial
from rootkappa.ledger.records import SCHEMA, Record

# The slack was taken before the numbers were rounded to three digits.
_ROUNDING = 0.01


def read_record(claim: Claim, data: Any) -> Record:
    """Read a stored record.

    Args:
        claim: The claim that it settles.
        data: What `Record.to_dict` returned, as it came back from a file.

    Returns:
        The record.

    Raises:
        ValueError: If a field is missing, of the wrong kind, or contradicts the others.
    """
    try:
        record = _read(claim, data)
        fresh = record.to_dict()
    except KeyError as error:
        raise ValueError(f"lacks {error}") from error
    except (TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"has a field of the wrong kind ({error})") from error
    if not fresh["control"]["failed"]:
        raise ValueError("has no control that fails")
    fault = _difference("", data, fresh)
    if fault:
        raise ValueError(fault)
    return record


def _read(claim: Claim, data: Mapping[str, Any]) -> Record:
    if data["schema"] != SCHEMA:
        raise ValueError(f"was written in schema {data['schema']!r}, which is not {SCHEMA}")
    control, counts = data["control"], data["counts"]
    return Record(
        claim=claim,
        measured={name: read_back(entry) for name, entry in data["measured"].items()},
        control_what=control["what"],
        control={name: read_back(entry) for name, entry in control["measured"].items()},
        unmet=tuple(data["hypotheses"]["unmet"]),
        counts=None if counts is None else Binomial(counts["successes"], counts["trials"]),
    )


def _difference(place: str, told: Any, fresh: Any) -> str:
    # In words where a stored field differs from what its own numbers give; empty if nowhere.
    if isinstance(told, Mapping) and isinstance(fresh, Mapping):
        for key in fresh:
            if key not in told:
                return f"lacks {place}{key}"
            fault = _difference(f"{place}{key}.", told[key], fresh[key])
            if fault:
                return fault
        unknown = [key for key in told if key not in fresh]
        return f"has the unknown field {place}{unknown[0]}" if unknown else ""
    if _same(place, told, fresh):
        return ""
    return f"says {place.rstrip('.')} = {told!r}, and its own numbers give {fresh!r}"


def _same(place: str, told: Any, fresh: Any) -> bool:
    if place == "slack." and isinstance(told, float) and isinstance(fresh, float):
        return math.isclose(told, fresh, rel_tol=_ROUNDING)
    if place == "control.failed." and isinstance(told, str):
        # Notebooks are stored with sorted keys, and the parts follow the quantities.
        return sorted(told.split("; ")) == sorted(fresh.split("; "))
    return bool(told == fresh)
