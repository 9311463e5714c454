"""The code cells of a chapter's text with their places, so that all other bytes can stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CELL = re.compile(
    r"^(?P<fence>`{3,})\{code-cell\}[^\n]*\n"
    r"(?P<options>(?::[^\n]*\n|---\n.*?---\n)*)"
    r"(?:[ \t]*\n)*"
    r"(?P<source>.*?)"
    r"^(?P=fence)`*[ \t]*$",
    re.M | re.S,
)


@dataclass(frozen=True)
class CodeCell:
    """A code cell as it stands in a chapter's text.

    Args:
        options: The lines of its options.
        source: Its code, each line with its end.
        start: The index in the text where the code starts.
        line: The number of the code's first line, from 1.
    """

    options: str
    source: str
    start: int
    line: int


def code_cells(text: str) -> list[CodeCell]:
    """Return the code cells of a chapter's text, in order."""
    return [
        CodeCell(
            match["options"],
            match["source"],
            match.start("source"),
            1 + text.count("\n", 0, match.start("source")),
        )
        for match in _CELL.finditer(text)
    ]


def with_sources(text: str, sources: Sequence[str]) -> str:
    """Return a chapter's text with other code in its cells, and every other byte as it was."""
    for cell, source in reversed(list(zip(code_cells(text), sources, strict=True))):
        text = text[: cell.start] + source + text[cell.start + len(cell.source) :]
    return text
