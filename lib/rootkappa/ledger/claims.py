"""What the papers claim: one frozen record a row of claims.toml."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rootkappa.ledger import _toml
from rootkappa.provenance import Provenance

Interval = tuple[float, float]

# What a control breaks where an identity has no hypothesis: a mistake is planted in its formula.
FORMULA = "formula"


@dataclass(frozen=True)
class Population:
    """Over what a claim is measured again and again, fixed before anything is run.

    Args:
        of: What is drawn, in words, such as "data and weights".
        draws: How many draws there must be at least.
        share: The accepted share of draws in which the check holds, (low, high).
        first: The seed of the first draw: above 0 where earlier ones were the pilot.
    """

    of: str
    draws: int
    share: Interval
    first: int = 0


@dataclass(frozen=True)
class Claim:
    """One claim, as entered before anything was run.

    Args:
        id: chapter/slug, never renamed once published.
        paper: Citation keys, separated by commas; "ours" or "classical" where there is none.
        source: How sure the wording is.
        kind: equality, bound, scaling or observation.
        statement: What is claimed, in one sentence.
        predicted: The number, formula or interval, in words.
        control: The run in which the same check must fail.
        accept: Name of each measured quantity, with the interval [low, high] that the
            prediction gives it; None while the claim is open.
        names: What a reader is told that a quantity is, where its name does not say it.
        note: Why an interval is wider than the words of `predicted`, where it is.
        population: Over what it is measured, where it depends on what is drawn.
        nontrivial: Where a bound says something, in words, such as "k >= 1/(1 - r)"; the
            chapter then measures how far it is attained there.
        breaks: The hypothesis that the control breaks, or "formula" where a mistake is planted
            in an identity.
        prediction: Whether the number was derived here, printed in the paper, or piloted, that
            is, measured before on other draws.
        page: Where in the paper statement or number stand.
        second: The test that holds an independent implementation, or "none".
    """

    id: str
    paper: str
    source: Provenance
    kind: str
    statement: str
    predicted: str
    control: str
    accept: Mapping[str, Interval] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    population: Population | None = None
    nontrivial: str | None = None
    breaks: str | None = None
    prediction: str | None = None
    page: str | None = None
    second: str | None = None

    @property
    def chapter(self) -> str:
        """The chapter that settles the claim: the first part of its id."""
        return self.id.partition("/")[0]

    @property
    def papers(self) -> tuple[str, ...]:
        """The citation keys, one by one."""
        return tuple(key.strip() for key in self.paper.split(","))

    @property
    def entered(self) -> bool:
        """Whether a chapter must settle it: its accepted intervals are fixed."""
        return self.accept is not None

    @property
    def anchor(self) -> str:
        """Where a link leads to it, in the page of its chapter and in the ledger."""
        return self.id.replace("/", "-")

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits of what the verdict rests on; a change makes records stale."""
        accept = None if self.accept is None else sorted(self.accept.items())
        content: list[Any] = [self.id, self.kind, self.statement, self.predicted, self.control]
        content.append(accept)
        if self.population is not None:
            content.append([self.population.of, self.population.draws, self.population.share])
            content += [self.population.first] if self.population.first else []
        content += [f"{x}" for x in (self.nontrivial, self.breaks) if x is not None]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def read_claims(path: str | Path) -> dict[str, Claim]:
    """Read and validate claims.toml.

    Args:
        path: The file.

    Returns:
        The claims by id, in the file's order.
    """
    _, entries = _toml.load(Path(path))
    return {entry["id"]: _claim(entry) for entry in entries}


def read_chapters(path: str | Path) -> dict[str, str]:
    """Read the chapters that claims.toml names.

    Args:
        path: The file.

    Returns:
        Titles by slug, in the ledger's order.
    """
    return _toml.load(Path(path))[0]


def _claim(entry: Mapping[str, Any]) -> Claim:
    fields = dict(entry) | {"source": Provenance(entry["source"])}
    if "accept" in fields:
        pairs = fields["accept"].items()
        fields["accept"] = MappingProxyType(
            {name: (float(low), float(high)) for name, (low, high) in pairs}
        )
    fields["names"] = MappingProxyType(fields.get("names", {}))
    if "population" in fields:
        table = fields["population"]
        low, high = map(float, table["share"])
        fields["population"] = Population(**dict(table) | {"share": (low, high)})
    return Claim(**fields)
