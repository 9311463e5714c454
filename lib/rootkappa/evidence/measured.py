"""What a claim's measurement returns, and how it is found by the claim's id."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ParamSpec

from rootkappa import _checks
from rootkappa._hint import hint
from rootkappa.ledger import Control, Record
from rootkappa.ledger.chapter import Chapter
from rootkappa.ledger.hypotheses import Checked

P = ParamSpec("P")

DRAWS = 20
_FOUND: dict[str, Callable[..., Evidence]] = {}


@dataclass(frozen=True)
class Evidence:
    """What was measured for a claim, as the ledger takes it.

    Args:
        measured: Each quantity of the claim: one number a draw, or one for all draws together.
        control: The run that breaks a hypothesis, measured by the same code on as many draws.
        hypotheses: The reports of the theorem's check, one for all draws or one a draw.
        attained: Quantities of a bound once more, where it is not trivial.
        shown: What the chapter draws and tells beside it: curves, counts, single runs.
        claim: The claim's id, filled in by `measures`.
    """

    measured: Mapping[str, Any]
    control: Control
    hypotheses: Checked | Sequence[Checked | Sequence[Checked]] = ()
    attained: Mapping[str, Any] | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)
    claim: str = ""

    def settle(self, book: Chapter) -> Record:
        """Settle the claim in the ledger.

        Args:
            book: The chapter's side of the ledger.

        Returns:
            The record; as the last expression of a cell it shows itself.
        """
        return book.settle(
            self.claim,
            measured=self.measured,
            control=self.control,
            hypotheses=self.hypotheses,
            attained=self.attained,
        )


def measures(claim: str) -> Callable[[Callable[P, Evidence]], Callable[P, Evidence]]:
    """Say which claim a function measures.

    Args:
        claim: The claim's id.

    Returns:
        A decorator. The function's evidence then knows its claim.

    Raises:
        ValueError: If another function measures the claim already.
    """

    def register(function: Callable[P, Evidence]) -> Callable[P, Evidence]:
        @wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> Evidence:
            return replace(function(*args, **kwargs), claim=claim)

        earlier = _FOUND.get(claim)
        if earlier is not None and earlier.__qualname__ != function.__qualname__:
            raise ValueError(
                f"claim {claim!r} is measured by {earlier.__name__} and {function.__name__}: "
                "keep one."
            )
        _FOUND[claim] = measured
        return measured

    return register


def measure(claim: str, draws: int = DRAWS, first: int = 0) -> Evidence:
    """Measure one claim and its control afresh.

    Args:
        claim: The claim's id, chapter/slug.
        draws: How many draws of data and weights, where the claim depends on any.
        first: The seed of the first of them.

    Returns:
        The evidence.

    Raises:
        ValueError: If no function measures the claim.
    """
    chapter = str(claim).partition("/")[0].replace("-", "_")
    home = f"rootkappa.evidence.{chapter}"
    if chapter.isidentifier() and find_spec(home):
        import_module(home)
    if claim not in _FOUND:
        raise ValueError(f"no function measures claim {claim!r}: {hint(claim, _FOUND)}")
    function = _FOUND[claim]
    if "seeds" not in inspect.signature(function).parameters:
        return function()
    start = _checks.count("first", first, 0)
    return function(seeds=range(start, start + _checks.count("draws", draws)))
