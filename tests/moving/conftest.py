"""Scripts of figures run without a browser, and pages that hold one figure each."""

from __future__ import annotations

import itertools
import json
import re
from functools import cache

import jupytext
import pytest
import quickjs

from rootkappa.figures.shown import Shown
from rootkappa_sphinx import moving
from tests.moving.browsing import BOOK, Tab


class Script:
    """A figure's script in an engine of its own."""

    def __init__(self, name: str) -> None:
        self.name, self.engine = name, quickjs.Context()
        for file in (*moving.SHARED, f"{name}.js"):
            self.engine.eval((moving.SCRIPTS / file).read_text(encoding="utf-8"))

    def value(self, expression: str, *arguments):
        """Evaluate a function of the script on arguments, both ways as JSON."""
        given = ",".join(map(json.dumps, arguments))
        return json.loads(self.engine.eval(f"JSON.stringify(({expression})({given}))"))

    def own(self, function: str, *arguments):
        """Call a function that the figure shows beside its picture."""
        return self.value(f"rootkappa.figures[{self.name!r}].{function}", *arguments)

    def controls(self, data=None):
        """Its sliders and choices."""
        return self.value(
            f"(data) => rootkappa.controls(rootkappa.figures[{self.name!r}], data)", data
        )

    def show(self, data=None, **state):
        """What the figure shows in a state; numbers that are not given are its start."""
        start = {control["name"]: control["start"] for control in self.controls(data)}
        return self.own("show", start | state, data)

    def words(self, value, digits=3):
        """A number as the page writes it."""
        return self.value("rootkappa.words", value, digits)


@cache
def data_of(name, chapter="*"):
    """What a recorded chapter gives a figure: data of the cell right before its place."""
    for path in sorted(BOOK.glob(f"{chapter}.ipynb")):
        cells = jupytext.read(path).cells
        for before, cell in itertools.pairwise(cells):
            place = re.search(rf"{{moving}} {name}\n(?::data: (.*))?", cell.source)
            if place and place[1]:
                return json.loads((BOOK / place[1]).read_text(encoding="utf-8"))
            if place:
                carried = [output.get("data", {}).get(Shown.MIME) for output in before.outputs]
                return next(filter(None, carried), None)
    raise LookupError(f"no chapter shows the figure {name}")


@cache
def script_of(name):
    """The script of a figure, once for all tests."""
    return Script(name)


@pytest.fixture(scope="session")
def script():
    """The script of a figure by its name."""
    return script_of


@pytest.fixture(scope="session")
def tab(browser):
    """One page of the browser for all tests."""
    made = Tab(browser)
    yield made
    made.context.close()
