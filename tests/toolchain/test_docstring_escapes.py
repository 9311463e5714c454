"""Mathematics in docstrings survives the markup, and code stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from rootkappa.ledger import Control
from rootkappa_sphinx import docstrings


@pytest.mark.parametrize(
    ("line", "escaped"),
    [
        ("the larger of |p| and q", r"the larger of \|p\| and q"),
        ("(y - y_) and w_{t+1}", r"(y - y\_) and w\_{t+1}"),
        ("lambda_min stays", "lambda_min stays"),
        ("`a | b` and `y_` stay", "`a | b` and `y_` stay"),
        ("    >>> a | b_", "    >>> a | b_"),
    ],
)
def test_escapes_prose_alone(line, escaped):
    assert docstrings.escape(line) == escaped


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (r"obeys $|x_{t}| = p_$ with", r"obeys :math:`|x_{t}| = p_` with"),
        ("$a +\n b$, then $c$.", ":math:`a + b`, then :math:`c`."),
        ("$$ a\\,b,\n  c $$", ":math:`\\displaystyle a\\,b, c`"),
        ("`$x$` and ``$y$``", "`$x$` and ``$y$``"),
        ('    >>> f("$x$", "$y$")', '    >>> f("$x$", "$y$")'),
        ("it costs 3 $", "it costs 3 $"),
    ],
)
def test_formulas_are_marked(text, marked):
    assert docstrings.mathematics(text.split("\n")) == marked.split("\n")
    assert [docstrings.escape(line) for line in marked.split("\n")] == marked.split("\n")


def test_a_module_without_a_source_gets_no_page():
    modules = {"builtins": False, "rootkappa.draws": ("code", {}, {}, "rootkappa.draws")}
    docstrings.drop_sourceless(SimpleNamespace(env=SimpleNamespace(_viewcode_modules=modules)))
    assert list(modules) == ["rootkappa.draws"]


@dataclass(frozen=True)
class Near(Control):
    more: int = 0


def test_a_record_with_fields_of_another_module_has_no_signature():
    assert docstrings.shown_signature("class", Near) == ("()", None)
    assert docstrings.shown_signature("class", Control) is None
    assert docstrings.shown_signature("method", Near) is None
    assert docstrings.shown_signature("function", len) is None
