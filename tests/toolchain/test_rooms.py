"""A page of the reference lists the modules of its room by itself."""

from __future__ import annotations

import pytest

from rootkappa_sphinx.rooms import expand, listed, modules


@pytest.fixture
def tree(tmp_path):
    names = ("rates/__init__", "rates/tail", "rates/_floor", "rates/deep/_x/y", "rates/far/off")
    for name in (*names, "draws"):
        path = tmp_path / f"lib/rootkappa/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "book/api").mkdir(parents=True)
    for room in ("rates", "rates.far", "rats"):
        (tmp_path / f"book/api/{room}.md").write_text(f"# Page\n\n```{{room}} {room}\n```\n")
    return tmp_path


@pytest.mark.parametrize(
    ("room", "found"),
    [
        ("rates", ["rootkappa.rates.far.off", "rootkappa.rates.tail"]),
        ("draws", ["rootkappa.draws"]),
        ("no", []),
    ],
)
def test_the_public_modules_of_a_room(tree, room, found):
    assert modules(tree, room) == found


def test_a_room_in_a_room_has_a_page_of_its_own(tree):
    assert listed(tree) == {
        "rates": ["rootkappa.rates.tail"],
        "rates.far": ["rootkappa.rates.far.off"],
        "rats": [],
    }


def test_a_room_becomes_a_heading_and_an_entry_a_module(tree):
    page = expand(tree, "# Rates\n\n```{room} rates\n```\n")
    assert page.startswith("# Rates\n\n## `tail`\n\n")
    assert ".. automodule:: rootkappa.rates.tail\n   :members:\n" in page


def test_a_room_that_is_not_there_is_named(tree):
    with pytest.raises(ValueError, match="there is no room 'rats' in lib/rootkappa"):
        expand(tree, "```{room} rats\n```")
