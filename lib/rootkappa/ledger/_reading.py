"""What a chapter gives to settle a claim, checked: numbers once or one a draw, and a control."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rootkappa._hint import hint
from rootkappa.ledger.claims import Claim, Interval
from rootkappa.ledger.measurements import Binomial, Measured, Spread, is_sequence, real
from rootkappa.ledger.verdicts import control_fails, inside

# One number for all draws together, or one for each.
Raw = Measured | list[float]


def measured(claim: Claim, values: Mapping[str, Any]) -> dict[str, Raw]:
    """Read what was measured.

    Args:
        claim: The claim.
        values: Each of its quantities.

    Returns:
        Each as one measurement, or as numbers one a draw.

    Raises:
        TypeError: If a quantity is no number.
        ValueError: If one is missing, unknown, NaN, or has too few draws.
    """
    raw = read(claim, values, "measured")
    lacking = [name for name in claim.accept or {} if name not in raw]
    if lacking:
        raise ValueError(
            f"claim {claim.id!r}: measured lacks {', '.join(lacking)}: measure it too."
        )
    for name, value in raw.items():
        if any(map(math.isnan, value if isinstance(value, list) else [value.value])):
            raise ValueError(
                f"claim {claim.id!r}: measured {name} is NaN, which says nothing: find out why, "
                "and write infinity for a run that diverged."
            )
    _check_population(claim, raw)
    return raw


def attained(claim: Claim, values: Mapping[str, Any] | None) -> dict[str, Raw]:
    """Read how far a bound is attained where it is not trivial.

    Args:
        claim: The claim.
        values: Some of its quantities, measured there; None where the claim names no such place.

    Returns:
        As `measured` does.

    Raises:
        ValueError: If the claim names such a place and nothing is given, or the reverse.
    """
    if claim.nontrivial is None and values is not None:
        raise ValueError(
            f"claim {claim.id!r}: attained is given, but claims.toml does not say where the bound "
            'is not trivial: enter nontrivial = "...".'
        )
    if claim.nontrivial is not None and not values:
        raise ValueError(
            f"claim {claim.id!r}: attained is missing: measure the bound at {claim.nontrivial} too."
        )
    return read(claim, values or {}, "attained")


def control(claim: Claim, what: Any, values: Any, on_draws: Mapping[str, Raw]) -> dict[str, Raw]:
    """Read a control, and insist that it fails.

    Args:
        claim: The claim.
        what: What was run, in words.
        values: Some of the claim's quantities, measured in that run.
        on_draws: What was measured for the claim: where that is one number a draw, so is this.

    Returns:
        As `measured` does.

    Raises:
        ValueError: If it is empty, passes the check, or was run on too few draws.
    """
    raw = read(claim, values, "control")
    if not isinstance(what, str) or not what.strip() or not raw:
        raise ValueError(
            f"claim {claim.id!r}: the control is empty: say what was run and what it measured."
        )
    for name, value in raw.items():
        if isinstance(on_draws.get(name), list) and not isinstance(value, list):
            raise ValueError(
                f"claim {claim.id!r}: the control measures {name} once, the claim on every draw: "
                "run the control on every draw too."
            )
    _check_fails(claim, what, raw)
    return raw


def joint(claim: Claim, raw: Mapping[str, Raw]) -> Binomial | None:
    """Count the draws in which every quantity measured on them lies inside.

    Args:
        claim: The claim.
        raw: What was measured.

    Returns:
        The count; None where nothing was measured draw by draw.
    """
    accept = claim.accept or {}
    rows = [
        [inside(value, accept[name]) for value in values]
        for name, values in raw.items()
        if isinstance(values, list)
    ]
    passed = [all(draw) for draw in zip(*rows, strict=True)]
    return Binomial(sum(passed), len(passed)) if passed else None


def summarised(
    raw: Mapping[str, Raw], accept: Mapping[str, Interval]
) -> dict[str, Measured | Spread]:
    """Return what a record keeps of measurements.

    Args:
        raw: The measurements.
        accept: The accepted intervals.

    Returns:
        Each measurement, or the spread of its draws.
    """
    return {
        name: Spread.of(value, accept[name]) if isinstance(value, list) else value
        for name, value in raw.items()
    }


def read(claim: Claim, values: Any, what: str) -> dict[str, Raw]:
    """Read quantities of a claim.

    Args:
        claim: The claim.
        values: Some of its quantities.
        what: What they are, for the message.

    Returns:
        Each as one measurement, or as numbers one a draw.

    Raises:
        TypeError: If they are no dictionary, or a quantity is no number.
        ValueError: If one is unknown, or they are measured on different numbers of draws.
    """
    accept = claim.accept or {}
    if not isinstance(values, Mapping):
        raise TypeError(
            f"claim {claim.id!r}: {what} is {values!r}: give a dictionary of {', '.join(accept)}."
        )
    for name in values:
        if name not in accept:
            raise ValueError(
                f"claim {claim.id!r}: {what} has the unknown quantity {name!r}: "
                f"{hint(name, accept)}"
            )
    try:
        raw = {name: _quantity(name, value) for name, value in values.items()}
    except (TypeError, ValueError) as error:
        raise type(error)(f"claim {claim.id!r}: {error}") from error
    lengths = {name: len(value) for name, value in raw.items() if isinstance(value, list)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} on {length}" for name, length in lengths.items())
        raise ValueError(f"claim {claim.id!r}: {what} has {told} draws: measure all on the same.")
    return raw


def _quantity(name: str, value: Any) -> Raw:
    if not _is_draws(value):
        return Measured.read(name, value)
    try:
        return [real(entry) for entry in value]
    except TypeError as error:
        raise TypeError(f"measured {name}, one number a draw: {error}") from error


def _is_draws(value: Any) -> bool:
    # A pair (value, (low, high)) is a tuple; so draws are a list, an array or a tensor.
    return is_sequence(value) and not isinstance(value, tuple) and len(value) > 0


def _check_population(claim: Claim, raw: Mapping[str, Raw]) -> None:
    counts = {name: _draws(value) for name, value in raw.items()}
    repeated = {name: count for name, count in counts.items() if count}
    if claim.population is None:
        listed = [name for name, value in raw.items() if isinstance(value, list)]
        if listed:
            raise ValueError(
                f"claim {claim.id!r}: measured {listed[0]} has one number a draw, and the claim "
                "speaks of no population: enter population = { of, draws, share } in claims.toml."
            )
        return
    least = claim.population.draws
    if not repeated:
        raise ValueError(
            f"claim {claim.id!r} speaks of at least {least} draws of {claim.population.of}: "
            "give one number a draw, or a Binomial."
        )
    for name, count in repeated.items():
        if count < least:
            raise ValueError(
                f"claim {claim.id!r}: measured {name} has {count} draws, and the claim speaks "
                f"of at least {least}: draw more."
            )


def _draws(value: Raw) -> int:
    if isinstance(value, list):
        return len(value)
    return value.counts.trials if value.counts else 0


def _check_fails(claim: Claim, what: str, raw: Mapping[str, Raw]) -> None:
    accept, passed = claim.accept or {}, joint(claim, raw)
    if passed is not None and passed.trials < (claim.population.draws if claim.population else 1):
        raise ValueError(
            f"claim {claim.id!r}: the control {what!r} has {passed.trials} draws: draw as many as "
            "for the claim."
        )
    single = {name: value for name, value in raw.items() if isinstance(value, Measured)}
    if not control_fails(single, accept, passed):
        shown = [f"{name} = {value.value:.3g}" for name, value in single.items()]
        if passed is not None:
            shown.append(f"in {passed.successes} of {passed.trials} draws")
        raise ValueError(
            f"claim {claim.id!r}: the control {what!r} passes the check ({', '.join(shown)}), and "
            "a control that does not fail is no control: choose a run in which the claim breaks."
        )
