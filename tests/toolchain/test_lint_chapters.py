"""The code of chapters is linted with its lines, and rewritten without another byte."""

from __future__ import annotations

import pytest

import first_cell
import lint_chapters

HEAD = "---\njupytext:\n  formats: ipynb,md:myst\n---\n\n# Title  \n"
CELL = "\n```{{code-cell}} ipython3\n:tags: [a]\n\n{}```\n"
FAULTS = {
    "an unused import": ("x = 1\nimport os\n", "12:8: F401 `os` imported but unused"),
    "an unknown name": ("print(lenght)\n", "11:7: F821 Undefined name `lenght`"),
    "a long line": (f'x = "{"x" * 99}"\n', "11:101: E501 Line too long"),
    "the format": ("x = [1,2]\n", "11: this cell is not in the house format"),
    "blank lines": ("x = 1\n\n\n", "11: this cell is not in the house format"),
    "no Python": ("x = (\n", "11:6: invalid-syntax"),
}
ALLOWED = ["x = 1\nx\n", "def f(a):\n    return a\n", "%time\nx = 1\n", "", "x = 1;\n"]


@pytest.fixture
def chapter(tmp_path):
    def write(*sources):
        path = tmp_path / "x.md"
        path.write_text(HEAD + "".join(map(CELL.format, sources)), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(("source", "finding"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_shown_at_its_line(chapter, source, finding):
    path = chapter(source)
    assert any(line.startswith(f"{path}:{finding}") for line in lint_chapters.check(path))


def test_lines_are_counted_through_all_cells(chapter):
    path = chapter("y = 1\n", "print(y)\n", "y == lenght\n")
    text = path.read_text().splitlines()
    (found,) = lint_chapters.check(path)
    assert found.startswith(f"{path}:{text.index('y == lenght') + 1}:6: F821")


def test_what_a_cell_may_do_is_no_fault(chapter):
    assert lint_chapters.check(chapter(*ALLOWED)) == []


def test_the_first_cell_is_sound(chapter):
    assert lint_chapters.check(chapter(first_cell.source())) == []


def test_fixing_leaves_every_other_byte(chapter):
    sound = chapter("x = [1, 2]\n", "", 'y = "κ"\n').read_bytes()
    path = chapter("import os\nx = [1,2]\n", "", "y = 'κ'\n\n")
    assert lint_chapters.fix(path)
    assert path.read_bytes() == sound
    assert not lint_chapters.fix(path)


def test_what_cannot_be_read_is_not_touched(chapter):
    path = chapter("x  = 1\n", "y = (\n")
    before = path.read_bytes()
    assert not lint_chapters.fix(path)
    assert path.read_bytes() == before


def test_the_command_says_what_it_did(chapter, capsys):
    path = chapter("x = [1,2]\n")
    options = ["--book", str(path.parent)]
    assert lint_chapters.main([*options, "x"]) == 1
    assert "x.md:11: this cell is not in the house format" in capsys.readouterr().out
    assert lint_chapters.main([*options, "--fix"]) == 0
    assert capsys.readouterr().out == "rewritten: x\n1 chapters: every cell is sound\n"
    assert lint_chapters.main([*options, "--fix"]) == 0
    assert capsys.readouterr().out.startswith("nothing to rewrite\n")
    with pytest.raises(SystemExit):
        lint_chapters.main([*options, "y"])
    assert "no chapter named y: choose from x." in capsys.readouterr().err


def test_without_ruff_a_sentence_says_so(chapter, monkeypatch, capsys):
    path = chapter("x = 1\n")
    monkeypatch.setattr(lint_chapters.sys, "executable", "/bin/false")
    assert lint_chapters.main(["--book", str(path.parent)]) == 2
    assert "Ruff says nothing at all: run `make lint` first" in capsys.readouterr().err
