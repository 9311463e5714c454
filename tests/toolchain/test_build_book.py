"""An interrupted or failed build leaves the earlier site whole, and nothing behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

import build_book

TOOLS = Path(build_book.__file__).parent


@pytest.fixture
def root(tmp_path):
    site = tmp_path / "_build/html"
    site.mkdir(parents=True)
    (site / "index.html").write_text("earlier")
    return tmp_path


def page(root):
    return (root / "_build/html/index.html").read_text()


def left(root):
    return {path.name for path in (root / "_build").iterdir()} - {"build.lock"}


def builder(text, status=0):
    def run(command, **_):
        staging = Path(command[command.index("--path-output") + 1])
        built = staging / "_build/html"
        (built / "reports").mkdir(parents=True)
        (built / "reports/x.err.log").write_text("ZeroDivisionError")
        (built / "index.html").write_text(text)
        return subprocess.CompletedProcess(command, status)

    return run


@pytest.mark.parametrize(
    ("text", "status", "shown", "said"),
    [
        ("<p>new</p>", 0, "<p>new</p>", "the book: "),
        ("<p>new</p>", 2, "earlier", "the book is not built; tracebacks of chapters lie in "),
        ('<a href="none.html">new</a>', 0, "earlier", "not published: 1 findings above"),
    ],
    ids=["sound", "a chapter fails", "a link is dead"],
)
def test_only_a_sound_site_is_published(root, monkeypatch, capsys, text, status, shown, said):
    monkeypatch.setattr(subprocess, "run", builder(text, status))
    assert (build_book.build(root) == 0) == (shown == text)
    assert page(root) == shown
    assert said in capsys.readouterr().out
    assert left(root) == ({"html", "reports"} if status else {"html"})
    if status:
        assert (root / "_build/reports/x.err.log").read_text() == "ZeroDivisionError"


def test_a_second_failure_replaces_the_reports_of_the_first(root, monkeypatch):
    monkeypatch.setattr(subprocess, "run", builder("<p>new</p>", 2))
    assert build_book.build(root) == 2
    (root / "_build/reports/old.err.log").touch()
    assert build_book.build(root) == 2
    assert [path.name for path in (root / "_build/reports").iterdir()] == ["x.err.log"]


def test_every_page_is_built_and_every_warning_is_an_error(root, monkeypatch):
    commands = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: commands.append(command) or builder("")(command)
    )
    assert build_book.build(root) == 0
    (command,) = commands
    assert {"--all", "-W", "-n", "--keep-going"} <= set(command)


def test_an_interrupted_swap_restores_the_site(root):
    with pytest.raises(FileNotFoundError):
        build_book.swap(root / "nothing", root / "_build/html")
    assert page(root) == "earlier"


@pytest.mark.parametrize("status", [0, 2])
def test_a_killed_swap_is_repaired_by_the_next_build(root, monkeypatch, status):
    (root / "_build/html").rename(root / "_build/html.earlier")
    (root / "_build/staging").mkdir()
    monkeypatch.setattr(subprocess, "run", builder("<p>new</p>", status))
    assert build_book.build(root) == status
    assert page(root) == ("earlier" if status else "<p>new</p>")
    assert left(root) <= {"html", "reports"}


def test_an_interrupted_build_leaves_no_staging(root, monkeypatch):
    def interrupt(command, **options):
        builder("half")(command, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_book.build(root)
    assert left(root) == {"html"}
    assert page(root) == "earlier"


def test_a_second_build_says_that_one_is_running(root, monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", builder("<p>new</p>"))
    (root / "_build/staging").mkdir()
    with FileLock(root / "_build/build.lock"):
        assert build_book.build(root) == 1
    assert "another build is running in" in capsys.readouterr().out
    assert left(root) == {"html", "staging"}
    assert build_book.build(root) == 0


def test_a_full_disk_is_a_sentence(root, monkeypatch, capsys):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "x.html")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert build_book.build(root) == 1
    assert "not built: No space left on device (x.html)" in capsys.readouterr().out
    monkeypatch.setattr(subprocess, "run", builder("half", 2))
    monkeypatch.setattr(build_book.shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    assert build_book.build(root) == 2
    assert "the disk is full: make room." in capsys.readouterr().out
    assert page(root) == "earlier"


CHILD = """
import multiprocessing, time
def write(name):
    while True:
        open(name, "a").write("x")
        time.sleep(0.02)
def main():
    multiprocessing.get_context("fork").Process(target=write, args=("fork",)).start()
    write("child")
"""


def grows(path):
    before = path.stat().st_size
    time.sleep(0.2)
    return path.stat().st_size > before


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_and_its_forks_end_with_their_parent(tmp_path, kind):
    (tmp_path / "endless.py").write_text(CHILD)
    environment = os.environ | {"PYTHONPATH": f"{TOOLS}{os.pathsep}{tmp_path}"}
    code = "import build_book; build_book.run('endless:main')"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment)
    deadline = time.monotonic() + 30
    files = tmp_path / "child", tmp_path / "fork"
    while not all(file.exists() for file in files) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(grows(file) for file in files)
    parent.send_signal(kind)
    parent.wait()
    time.sleep(1)
    assert not any(grows(file) for file in files)


def test_the_childs_status_and_arguments_are_passed_on(tmp_path, monkeypatch):
    (tmp_path / "brief.py").write_text("import sys\ndef main():\n    return int(sys.argv[2])\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert build_book.run("brief:main", "a", "7") == 7
