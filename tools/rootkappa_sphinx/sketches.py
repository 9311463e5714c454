"""`{sketch}`: a network, drawn with its dimensions.

    ```{sketch} d, m, m, k
    :weights: W_1, W_2, W_3
    :held: W_3
    :relu: 1, 2
    :skip: 1-2
    ```

Columns are layers of units, named by how many there are; between them stand the weights. What is
held and not trained is dashed, a layer of ReLUs has its kink, and a skip is an arc above.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx

_GAP, _ROW, _TOP, _RADIUS = 130, 26, 54, 7
# Units that are drawn, from the middle; the dots between say that there are more.
_MANY, _ONE = (-2, -1, 1, 2), (0,)
_INDEX = re.compile(r"([^_^]+)(?:_(\w+))?")


class Network(NamedTuple):
    """What is drawn.

    Args:
        sizes: How many units each layer has, from the inputs on.
        weights: What stands between the layers.
        held: Which of them are not trained.
        relu: The numbers of the layers with a ReLU; inputs are 0.
        skip: Pairs of layers that an arc joins.
    """

    sizes: tuple[str, ...]
    weights: tuple[str, ...]
    held: tuple[str, ...] = ()
    relu: tuple[int, ...] = ()
    skip: tuple[tuple[int, int], ...] = ()

    @property
    def words(self) -> str:
        """The same in a sentence, for those who do not see it."""
        parts = [f"{self.sizes[0]} inputs"]
        for number, (size, name) in enumerate(zip(self.sizes[1:], self.weights, strict=True), 1):
            kind = "outputs" if number == len(self.weights) else "units"
            held = ", held" if name in self.held else ""
            bent = " with a ReLU" if number in self.relu else ""
            parts.append(f"{name}{held}, {size} {kind}{bent}")
        arcs = "".join(f"; a skip from layer {low} to layer {high}" for low, high in self.skip)
        return "A network: " + ", then ".join(parts) + arcs + "."


def svg(network: Network) -> str:
    """Draw a network in the ink of its page."""
    columns = [30 + _GAP * number for number in range(len(network.sizes))]
    middle = _TOP + 2.5 * _ROW
    parts = [
        *_edges(network, columns, middle),
        *_arcs(network, columns),
        *(_layer(network, number, x, middle) for number, x in enumerate(columns)),
    ]
    width, height = columns[-1] + 30, round(middle + 2.5 * _ROW + 34)
    return (
        f'<svg class="rk-sketch" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(network.words)}" fill="none" stroke="currentColor">'
        + "".join(parts)
        + "</svg>"
    )


def _edges(network: Network, columns: Sequence[int], middle: float) -> list[str]:
    found = []
    for number, name in enumerate(network.weights):
        left, right = columns[number : number + 2]
        lines = "".join(
            f"M{left + _RADIUS} {middle + a * _ROW:g}L{right - _RADIUS} {middle + b * _ROW:g}"
            for a in _places(network.sizes[number])
            for b in _places(network.sizes[number + 1])
        )
        dashes = ' stroke-dasharray="4 4"' if name in network.held else ""
        found.append(f'<path d="{lines}" opacity=".28"{dashes}/>')
        found.append(_text((left + right) / 2, _TOP - 14, name))
    return found


def _arcs(network: Network, columns: Sequence[int]) -> list[str]:
    return [
        f'<path d="M{columns[low]} {_TOP - 4}C{columns[low]} 6 {columns[high]} 6 '
        f'{columns[high]} {_TOP - 4}"/>'
        for low, high in network.skip
    ]


def _places(size: str) -> tuple[int, ...]:
    return _ONE if size == "1" else _MANY


def _layer(network: Network, number: int, x: int, middle: float) -> str:
    places = _places(network.sizes[number])
    ground = 'fill="var(--pst-color-background, white)"'
    units = "".join(
        f'<circle cx="{x}" cy="{middle + place * _ROW:g}" r="{_RADIUS}" {ground}/>'
        for place in places
    )
    dots = "".join(
        f'<circle cx="{x}" cy="{middle + shift:g}" r="1.5" fill="currentColor" stroke="none"/>'
        for shift in (-7, 0, 7)
        if places is _MANY
    )
    kink = "".join(
        f'<path d="M{x - 5} {middle + place * _ROW + 3:g}h5l4 -6" stroke-width="1.4"/>'
        for place in places
        if number in network.relu
    )
    return units + dots + kink + _text(x, middle + 2.5 * _ROW + 22, network.sizes[number])


def _text(x: float, y: float, name: str) -> str:
    base, index = _INDEX.fullmatch(name).groups()  # type: ignore[union-attr]
    low = f'<tspan dy="4" font-size="12">{escape(index)}</tspan>' if index else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="17" font-style="italic" '
        f'font-family="serif" fill="currentColor" stroke="none">{escape(base)}{low}</text>'
    )


class Sketch(SphinxDirective):
    """`{sketch} sizes`, with the weights between them."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "weights": directives.unchanged_required,
        "held": directives.unchanged_required,
        "relu": directives.unchanged_required,
        "skip": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        network = self._network()
        node = nodes.raw("", f'<p class="rk-sketch">{svg(network)}</p>', format="html")
        self.set_source_info(node)
        return [node]

    def _network(self) -> Network:
        listed = {name: _listed(text) for name, text in self.options.items()}
        sizes, weights = _listed(self.arguments[0]), listed.get("weights", ())
        if len(weights) != len(sizes) - 1:
            raise self.error(
                f"got {len(sizes)} layers and {len(weights)} weights: name one between each two."
            )
        odd = [name for name in listed.get("held", ()) if name not in weights]
        wrong = [name for name in (*sizes, *weights) if not _INDEX.fullmatch(name)]
        if odd or wrong:
            raise self.error(f"cannot draw {', '.join(odd or wrong)}: name a weight, such as W_1.")
        skip = tuple(
            (int(a), int(b)) for a, b in (pair.split("-") for pair in listed.get("skip", ()))
        )
        relu = tuple(map(int, listed.get("relu", ())))
        return Network(sizes, weights, listed.get("held", ()), relu, skip)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("sketch", Sketch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
