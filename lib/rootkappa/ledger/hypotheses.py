"""In how many draws the hypotheses of a theorem were met: counted from its reports, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rootkappa.ledger.verdicts import NEARLY_ALL


class Checked(Protocol):
    """What a theorem's check returns."""

    @property
    def holds(self) -> bool:
        """Whether every hypothesis holds."""
        ...

    @property
    def unmet(self) -> Sequence[Any]:
        """The names of those that do not."""
        ...


@dataclass(frozen=True)
class Hypotheses:
    """How often hypotheses were checked, and how often they were met.

    Args:
        checked: How many draws were checked; 0 where nothing is assumed.
        met: In how many of them every hypothesis was met.
        unmet: In how many draws each of the others was not.
    """

    checked: int = 0
    met: int = 0
    unmet: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, reports: Checked | Sequence[Checked | Sequence[Checked]]) -> Hypotheses:
        """Count what reports say.

        Args:
            reports: One report for all draws, or one a draw; a draw with several theorems has a
                sequence of them. Empty where nothing is assumed.

        Returns:
            The counts.

        Raises:
            TypeError: If one is not a report, such as a boolean or the name of a hypothesis.
        """
        draws = [_of_draw(entry) for entry in _listed(reports)]
        names = Counter(name for unmet in draws for name in unmet)
        return cls(len(draws), sum(not unmet for unmet in draws), dict(names))

    @property
    def hold(self) -> bool:
        """Whether they were met in at least 95 % of the draws, or nothing is assumed."""
        return self.met >= NEARLY_ALL * self.checked

    def __str__(self) -> str:
        if not self.checked:
            return "none assumed"
        if self.checked == 1:
            return "met" if self.met else f"not met: {'; '.join(self.unmet)}"
        names = "; ".join(f"{name} ({count})" for name, count in self.unmet.items())
        text = f"met in {self.met} of {self.checked} draws"
        return f"{text}, not met: {names}" if names else text


def _of_draw(entry: Any) -> list[str]:
    reports = _listed(entry)
    for report in reports:
        if not isinstance(getattr(report, "holds", None), bool):
            raise TypeError(
                f"hypotheses holds {report!r}: give what the theorem's check returned on each "
                "draw, and nothing where nothing is assumed."
            )
    failing = [report for report in reports if not report.holds]
    # Theorems of one draw may share a hypothesis.
    return list(dict.fromkeys(str(name) for report in failing for name in report.unmet))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
