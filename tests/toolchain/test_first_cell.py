"""The first cell leads to the book in every state of a machine, and is the same in all chapters.

It is run here without any installed package, with a git and a pip that only write down their calls.
"""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from types import SimpleNamespace

import jupytext
import pytest

import chapters
import first_cell
import rootkappa
from cells import code_cells
from rootkappa_sphinx.execution import ROOT

GIT = f"""#!{sys.executable} -S
import pathlib, sys
here, folder, branch = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[-2]), sys.argv[-1]
with open(here / "git.log", "a") as log:
    log.write(branch + "\\n")
is_taken = folder.exists() and any(folder.iterdir())
if is_taken or (branch != "--branch=main" and not (here / "released").exists()):
    sys.exit(128)
for name in ("book/claims.toml", "lib/rootkappa/__init__.py", "pyproject.toml", ".git/HEAD"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
(folder / "lib/rootkappa/devices.py").write_text("def set_up():\\n    pass\\n")
"""
PIP = """import pathlib, sys
pathlib.Path(__file__).with_name("log").write_text(" ".join(sys.argv[1:]))
"""
REPORT = (
    "import json, rootkappa\n"
    "print(json.dumps([os.getcwd(), os.path.dirname(rootkappa.__file__)]))\n"
)
TAG = f"--branch=v{rootkappa.__version__}"


@pytest.fixture
def machine(tmp_path):
    """A machine on which nothing is installed, and what its programs were asked."""
    programs, home = tmp_path / "programs", tmp_path / "content"
    for folder in (programs, home, programs / "pip"):
        folder.mkdir()
    git = programs / "git"
    git.write_text(GIT)
    git.chmod(git.stat().st_mode | stat.S_IXUSR)
    (programs / "pip/__init__.py").touch()
    (programs / "pip/__main__.py").write_text(PIP)
    return SimpleNamespace(programs=programs, home=home, clone=home / "rootkappa")


def run(machine, folder=None, times=1):
    code = first_cell.source() * times + REPORT
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=folder or machine.home,
        env={"PATH": str(machine.programs), "PYTHONPATH": str(machine.programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked(machine):
    log = machine.programs / "git.log"
    return log.read_text().split() if log.exists() else []


def is_in_the_clone(machine, reported):
    return reported == [str(machine.clone / "book"), str(machine.clone / "lib/rootkappa")]


def test_an_empty_machine_takes_main_until_there_is_a_release(machine):
    assert is_in_the_clone(machine, run(machine))
    assert asked(machine) == [TAG, "--branch=main"]
    assert (machine.programs / "pip/log").read_text() == "install -q myst-nb"


def test_an_empty_machine_takes_the_release(machine):
    (machine.programs / "released").touch()
    assert is_in_the_clone(machine, run(machine))
    assert asked(machine) == [TAG]


def test_running_it_again_changes_nothing(machine):
    assert is_in_the_clone(machine, run(machine, times=3))
    assert len(asked(machine)) == 2


def test_a_restart_finds_the_clone_from_every_folder(machine):
    run(machine)
    for inside in ("..", ".", "book", "book/data", "lib/rootkappa"):
        folder = machine.clone / inside
        folder.mkdir(exist_ok=True)
        assert is_in_the_clone(machine, run(machine, folder)), inside
        assert len(asked(machine)) == 2


def test_a_broken_clone_is_made_again(machine):
    run(machine)
    for count, lost in enumerate([("pyproject.toml",), ("pyproject.toml", "book/claims.toml")]):
        for name in lost:
            (machine.clone / name).unlink()
        assert is_in_the_clone(machine, run(machine)), lost
        assert len(asked(machine)) == 4 + 2 * count


def test_a_package_elsewhere_does_not_hide_the_books_own(machine):
    (machine.programs / "rootkappa").mkdir()
    (machine.programs / "rootkappa/__init__.py").write_text("raise ImportError")
    assert is_in_the_clone(machine, run(machine))


def test_a_folder_of_that_name_that_is_no_clone_is_left_alone(machine):
    machine.clone.mkdir()
    (machine.clone / "mine.txt").touch()
    with pytest.raises(AssertionError, match="CalledProcessError"):
        run(machine)
    assert list(machine.clone.iterdir()) == [machine.clone / "mine.txt"]


def test_the_cell_is_put_where_one_is_marked(tmp_path):
    text = (ROOT / "book/status.md").read_text(encoding="utf-8")
    chapter = tmp_path / "x.md"
    chapter.write_text(text.replace(code_cells(text)[0].source, "old = 1\n"), encoding="utf-8")
    notebook = jupytext.read(chapter)
    chapter.with_suffix(".ipynb").write_text(chapters.store_form(notebook), encoding="utf-8")
    assert first_cell.put_in(chapter)
    assert chapter.read_text(encoding="utf-8") == text
    again = jupytext.read(chapter.with_suffix(".ipynb"))
    assert [cell.source for cell in again.cells] == [
        cell.source for cell in jupytext.read(chapter).cells
    ]
    assert not first_cell.put_in(chapter)


@pytest.mark.parametrize("text", ["# Prose\n", "```{code-cell}\n:tags: [other]\n\na = 1\n```\n"])
def test_what_marks_no_first_cell_is_left_alone(tmp_path, text):
    chapter = tmp_path / "x.md"
    chapter.write_text(text)
    assert not first_cell.put_in(chapter)
    assert chapter.read_text() == text


def test_the_command_says_what_it_changed(tmp_path, capsys):
    (tmp_path / "x.md").write_text((ROOT / "book/status.md").read_text(encoding="utf-8"))
    assert first_cell.main(tmp_path) == 0
    assert capsys.readouterr().out == "every chapter has the first cell\n"
    (tmp_path / "x.md").write_text((tmp_path / "x.md").read_text().replace("import os\n", ""))
    assert first_cell.main(tmp_path) == 0
    assert capsys.readouterr().out == "changed: x\n"
