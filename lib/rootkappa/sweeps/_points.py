"""From a chunk's specification to its runs: what each one is, and the seeds that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rootkappa import devices
from rootkappa.sweeps import _catalogue
from rootkappa.sweeps._plain import text, whole

Sections = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One run.

    Args:
        data: Name and arguments of its data set, its seed among them; empty if it has none.
        model: Name and arguments of its architecture.
        method: Name and arguments of its method.
        train: How it is trained.
        seed: Seed of its starting weights.
    """

    data: Sections
    model: Sections
    method: Sections
    train: Sections
    seed: int

    @property
    def problem(self) -> str:
        """What runs must share to be stacked."""
        return text([self.data, self.model, self.train])


def points(specification: Mapping[str, Any]) -> list[Point]:
    """Give the runs of a chunk.

    Args:
        specification: Of the chunk: the sections that its runs share, and under "runs" the labels
            of each run by axis, with what words stand for under "choices".

    Returns:
        The runs, in order.
    """
    runs = specification["runs"]
    # A table is laid down before what an axis changes in it.
    axes = sorted(runs, key=lambda axis: axis.count("."))
    rows = zip(*(runs[axis] for axis in axes), strict=True) if axes else [()]
    return [_point(specification, dict(zip(axes, labels, strict=True))) for labels in rows]


def _point(specification: Mapping[str, Any], labels: Mapping[str, Any]) -> Point:
    names = ("data", "model", "method", "train", "seed")
    sections = {name: specification[name] for name in names}
    for axis, label in labels.items():
        choices = specification["choices"].get(axis)
        put(sections, axis, choices[label] if choices else label)
    return point(sections)


def put(sections: Sections, path: str, value: Any) -> None:
    """Set one value; a table is laid over the table that is there.

    Args:
        sections: The specification of a run; its tables are replaced, not changed.
        path: Where, such as "model.width", "model" or "seed".
        value: What.

    Raises:
        ValueError: If the path goes through what is no table.
    """
    first, _, rest = path.partition(".")
    if rest:
        inner = sections.get(first, {})
        if not isinstance(inner, dict):
            raise ValueError(
                f"{path} lies in {first}, which is {inner!r:.60} and no table: vary {first} itself."
            )
        inner = dict(inner)
        put(inner, rest, value)
        sections[first] = inner
    elif isinstance(value, dict):
        sections[first] = {**sections.get(first, {}), **value}
    else:
        sections[first] = value


def point(sections: Sections) -> Point:
    """Give a run its seeds, which depend on nothing but what it is.

    Args:
        sections: Data, model, method, train and seed, the number of the draw.

    Returns:
        The run. Data or an architecture that are drawn and have no seed of their own get one for
        each draw. Methods share their draws.
    """
    draw = sections["seed"]
    data = _seeded("data", sections["data"], draw)
    model = _seeded("model", sections["model"], draw)
    seed = devices.seed(weights=[_drawn(data), _drawn(model)], draw=draw)
    return Point(data, model, sections["method"], sections["train"], seed)


def _seeded(section: str, part: Sections, draw: int) -> Sections:
    if not _catalogue.is_drawn(section, part):
        return part
    return {**part, "seed": devices.seed(**{section: _drawn(part)}, draw=draw)}


def _drawn(part: Sections) -> Any:
    # Data reduced to what a linear network sees are the same draw, and so is a reduced network.
    return whole({name: value for name, value in part.items() if name != "reduce"})
