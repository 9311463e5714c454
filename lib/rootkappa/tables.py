"""Rounded numbers and formulas on the page: small tables, and powers of ten in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rootkappa import _checks

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NUMBER = re.compile(r"(?P<sign>-?)(?P<digits>\d+(\.\d+)?)(e(?P<exponent>[-+]?\d+))?")


@dataclass(frozen=True)
class Table:
    """A table whose cells are already text, formulas between dollar signs included.

    Args:
        header: The names of the columns.
        rows: Cells, a row each. Numbers in them must be rounded, since outputs are compared when
            the chapter is tested.

    Raises:
        TypeError: If a cell is not text, or a row is not a sequence of cells.
        ValueError: If there is no column, a row has more or fewer cells than the header, or a
            cell more than one line.

    Example:
        >>> print(Table(["method", "rate"], [["gradient descent", "0.99"]]))
        method            rate
        gradient descent  0.99
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        """Check that all cells are text and the rows fit the header.

        Raises:
            TypeError: If a cell is not text, or a row is not a sequence of cells.
            ValueError: If there is no column, or a row or cell does not fit.
        """
        object.__setattr__(self, "header", _cells("the header", self.header))
        if not self.header:
            raise ValueError("the header is empty: name at least one column.")
        rows = _checks.sequence("rows", self.rows, "a list of rows, each a list of cells")
        object.__setattr__(self, "rows", tuple(_cells("a row", row) for row in rows))
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(
                    f"row {list(row)} has {len(row)} cells and the header {len(self.header)}: "
                    "give one cell a column."
                )

    def __str__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        padded = (
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )
        return "\n".join(line.rstrip() for line in padded)

    def __repr__(self) -> str:
        return str(self)

    def to_markdown(self) -> str:
        """Give the table in Markdown, with numbers such as -4.7e-02 in mathematical form.

        Returns:
            One line a row.
        """
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        cells = ([_typeset(cell) for cell in line] for line in lines)
        return "\n".join(f"| {' | '.join(line)} |" for line in cells)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Give a notebook the table as text and as Markdown.

        Args:
            include: Ignored: both always go together.
            exclude: Ignored too.

        Returns:
            Contents by media type.
        """
        return {"text/plain": str(self), "text/markdown": self.to_markdown()}


def superscript(number: str) -> str:
    """Write the exponent of a number as a power of ten, for a sentence.

    Args:
        number: A number as Python formats it.

    Returns:
        The same with a raised exponent; unchanged if there is none.

    Raises:
        TypeError: If it is not text.

    Example:
        >>> superscript(f"{0.000232:.1e}"), superscript(f"{1e5:.0e}"), superscript("0.5")
        ('2.3·10⁻⁴', '10⁵', '0.5')
    """
    if not isinstance(number, str):
        raise TypeError(f"superscript got {number!r}: format it first, as in f'{{number:.1e}}'.")
    parts = _NUMBER.fullmatch(number)
    if parts is None or parts["exponent"] is None:
        return number
    power = f"10{str(int(parts['exponent'])).translate(_RAISED)}"
    sign = "\u2212" if parts["sign"] else ""
    return sign + (power if parts["digits"] == "1" else f"{parts['digits']}·{power}")


def _cells(name: str, values: Any) -> tuple[str, ...]:
    cells = _checks.sequence(name, values, "a list of texts")
    for cell in cells:
        if not isinstance(cell, str):
            raise TypeError(
                f"{name} holds {cell!r}, which is no text: format it first, as in f'{{cell:.3g}}'."
            )
        if "\n" in cell:
            raise ValueError(f"{name} holds {cell!r}: write each cell in one line.")
    return tuple(cells)


def _typeset(cell: str) -> str:
    number = _NUMBER.fullmatch(cell)
    if number is None or not (number["sign"] or number["exponent"]):
        return cell.replace("|", r"\|")
    sign, digits, exponent = number["sign"], number["digits"], number["exponent"]
    if exponent is None:
        return f"${sign}{digits}$"
    power = f"10^{{{int(exponent)}}}"
    return f"${sign}{power}$" if digits == "1" else rf"${sign}{digits}\cdot{power}$"
