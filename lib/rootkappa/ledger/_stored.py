"""Reading stored records back: one that lacks a field or contradicts itself is refused.

A chapter's outputs are files that anyone can edit. So nothing in them is believed that follows from
something else: the record is made again from its own numbers, and must come out the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rootkappa.ledger._written import is_rounding_level, read_back
from rootkappa.ledger.claims import Claim, Interval
from rootkappa.ledger.hypotheses import Hypotheses
from rootkappa.ledger.measurements import Binomial, Spread
from rootkappa.ledger.records import SCHEMA, Record
from rootkappa.ledger.verdicts import Quantity, control_fails, inside

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
    _check_spreads(claim.accept or {}, record)
    fault = _difference("", data, fresh)
    if fault:
        raise ValueError(fault)
    return record


def _read(claim: Claim, data: Mapping[str, Any]) -> Record:
    if data["schema"] != SCHEMA:
        raise ValueError(f"was written in schema {data['schema']!r}, which is not {SCHEMA}")
    control, told = data["control"], data["hypotheses"]
    if not isinstance(control["what"], str):
        raise ValueError(f"says {control['what']!r} of its control, which is no text")
    failed = _binomial(control["draws"])
    record = Record(
        claim=claim,
        measured=_quantities(data["measured"]),
        draws=_binomial(data["population"]),
        attained=_quantities(data["attained"]),
        control_what=control["what"],
        control=_quantities(control["measured"]),
        control_draws=None if failed is None else failed.failures,
        hypotheses=Hypotheses(told["checked"], told["met"], dict(told["unmet"])),
    )
    _check_hypotheses(record.hypotheses)
    _check_draws("measured", record.measured, record.draws)
    _check_draws("control", record.control, record.control_draws)
    if not control_fails(record.control, claim.accept or {}, record.control_draws):
        raise ValueError("has no control that fails")
    return record


def _quantities(entries: Mapping[str, Any]) -> dict[str, Quantity]:
    return {name: read_back(entry) for name, entry in entries.items()}


def _binomial(counts: Mapping[str, Any] | None) -> Binomial | None:
    return None if counts is None else Binomial(counts["successes"], counts["trials"])


def _check_hypotheses(told: Hypotheses) -> None:
    counts = [Binomial(count, told.checked) for count in told.unmet.values()]
    unmet = told.checked - told.met
    fits = all(0 < count.successes <= unmet for count in counts)
    if not fits or unmet < 0 or sum(count.successes for count in counts) < unmet:
        raise ValueError(f"has hypotheses that contradict each other, {told}")


def _check_draws(where: str, measured: Mapping[str, Quantity], draws: Binomial | None) -> None:
    spreads = {name: entry for name, entry in measured.items() if isinstance(entry, Spread)}
    if (draws is None) != (not spreads):
        raise ValueError(f"counts {draws} where {where} has draws of {list(spreads)}")
    if draws is None:
        return
    for name, spread in spreads.items():
        if spread.draws != draws.trials or not spread.least <= spread.value <= spread.largest:
            raise ValueError(f"has draws of {name} in {where} that contradict each other")
    inner = [spread.inside for spread in spreads.values()]
    # Draws that fail one quantity may be those that fail another, or none of them.
    fewest = sum(inner) - (len(inner) - 1) * draws.trials
    if not max(0, fewest) <= draws.successes <= min(inner):
        raise ValueError(f"counts {draws.successes} draws where {where} has {inner} inside")


def _check_spreads(accept: Mapping[str, Interval], record: Record) -> None:
    for name, spread in [*record.measured.items(), *record.control.items()]:
        if not isinstance(spread, Spread) or is_rounding_level(accept[name]):
            continue
        every = inside(spread.least, accept[name]) and inside(spread.largest, accept[name])
        # If the median lies outside, so does half of the draws.
        most = spread.draws if inside(spread.value, accept[name]) else spread.draws // 2
        if every != (spread.inside == spread.draws) or spread.inside > most:
            raise ValueError(f"counts {spread.inside} draws of {name} inside, against its spread")


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
    return bool(told == fresh)
