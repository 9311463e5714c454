"""Scripts of figures run without a browser, and pages that hold one figure each."""

from __future__ import annotations

import json

import jupytext
import pytest
import quickjs

from rootkappa.figures.shown import Shown
from rootkappa_sphinx import moving
from rootkappa_sphinx.execution import ROOT

BOOK = ROOT / "book"
# The chapter whose recorded figure carries the data; those that need none have nothing here.
OWNERS = {"race": "index"}


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

    def show(self, data=None, **state):
        """What the figure shows in a state; numbers that are not given are its start."""
        controls = self.value(f"() => rootkappa.figures[{self.name!r}].controls")
        start = {control["name"]: control["start"] for control in controls}
        return self.own("show", start | state, data)

    def words(self, value, digits=3):
        """A number as the page writes it."""
        return self.value("rootkappa.words", value, digits)


def data_of(name):
    """What the recorded chapter gives a figure."""
    if name not in OWNERS:
        return None
    notebook = jupytext.read(BOOK / f"{OWNERS[name]}.ipynb")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    carried = [output.get("data", {}).get(Shown.MIME) for output in outputs]
    return next(data for data in carried if data is not None)


@pytest.fixture(scope="session")
def script():
    """The script of a figure by its name."""
    made: dict[str, Script] = {}

    def of(name):
        return made.setdefault(name, Script(name))

    return of
