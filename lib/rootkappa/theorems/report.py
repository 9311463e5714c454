"""What a theorem assumes, compared with a problem: one kind of hypothesis, one kind of report."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rootkappa._hint import hint

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis, or one inequality of a proof, with what it needs and what there is.

    Args:
        name: The hypothesis in words, or the name of the inequality, such as "K8".
        needed: The least value allowed; True where the hypothesis is a plain fact.
        measured: The value at hand; whether it is so, for a fact.
        role: What the proof uses it for, where the name does not say it.
        up_to_a_constant: Whether the paper leaves an absolute constant open; 1 is taken here, so
            that a failure says how large the gap is, not that the theorem is silent.

    Example:
        >>> Hypothesis("width", needed=100.0, measured=256.0).slack
        2.56
        >>> Hypothesis("gaussian initialisation", needed=True, measured=False).holds
        False
    """

    name: str
    needed: float
    measured: float
    role: str = ""
    up_to_a_constant: bool = False

    @property
    def slack(self) -> float:
        """The value at hand over the value needed: at least 1 exactly if the hypothesis holds.

        Equality holds, and a quotient below 1 by rounding counts as 1. A fact that holds has
        infinite slack, one that fails 0; so has NaN.
        """
        needed, measured = self.needed, self.measured
        if isinstance(needed, bool):
            return math.inf if measured else 0.0
        if measured >= needed:
            return measured / needed if 0 < needed < math.inf else math.inf
        ratio = measured / needed if needed > 0 else 0.0
        return 1.0 if ratio >= 1 - _ROUNDING else max(0.0, ratio)

    @property
    def holds(self) -> bool:
        """Whether the hypothesis holds: whether its slack is at least 1."""
        return self.slack >= 1

    @property
    def words(self) -> str:
        """Name and role."""
        return f"{self.name}: {self.role}" if self.role else self.name

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "fails"
        if isinstance(self.needed, bool):
            return f"{verdict}: {self.words}"
        constant = " (times an unknown constant)" if self.up_to_a_constant else ""
        numbers = f"needs {self.needed:.3g}{constant}, has {self.measured:.3g}"
        return f"{verdict}: {self.words}: {numbers}"


@dataclass(frozen=True)
class Report:
    """All hypotheses of a theorem, or all inequalities of its proof, on one problem.

    Args:
        theorem: The theorem, by its paper and number.
        hypotheses: Each of them, checked.

    Example:
        >>> report = Report("A theorem", (Hypothesis("a", 1.0, 3.0), Hypothesis("b", 2.0, 1.0)))
        >>> report.holds, report.unmet, report.binding.slack
        (False, ('b',), 0.5)
    """

    theorem: str
    hypotheses: tuple[Hypothesis, ...]

    @property
    def holds(self) -> bool:
        """Whether every hypothesis holds: then the theorem's conclusion is proved."""
        return not self.unmet

    @property
    def unmet(self) -> tuple[str, ...]:
        """The hypotheses that fail, in words."""
        return tuple(item.words for item in self.hypotheses if not item.holds)

    @property
    def binding(self) -> Hypothesis:
        """The hypothesis of least slack."""
        return min(self.hypotheses, key=lambda item: item.slack)

    def __getitem__(self, name: str) -> Hypothesis:
        """Find a hypothesis by its name.

        Args:
            name: Its name, such as "K8".

        Returns:
            The hypothesis.

        Raises:
            KeyError: If there is none of this name.
        """
        found = {item.name: item for item in self.hypotheses}
        if name not in found:
            raise KeyError(f"{self.theorem} has no hypothesis {name!r}: {hint(name, found)}")
        return found[name]

    def __str__(self) -> str:
        return "\n".join([self.theorem, *(f"  {item}" for item in self.hypotheses)])
