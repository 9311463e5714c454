"""An interrupted or failed build leaves the earlier site whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import build_book


@pytest.fixture
def root(tmp_path):
    site = tmp_path / "_build/html"
    site.mkdir(parents=True)
    (site / "index.html").write_text("earlier")
    return tmp_path


def page(root):
    return (root / "_build/html/index.html").read_text()


def builder(text, status=0):
    def run(command, **_):
        staging = Path(command[command.index("--path-output") + 1])
        built = staging / "_build/html"
        built.mkdir(parents=True)
        (built / "index.html").write_text(text)
        return subprocess.CompletedProcess(command, status)

    return run


@pytest.mark.parametrize(
    ("text", "status", "shown"),
    [
        ("<p>new</p>", 0, "<p>new</p>"),
        ("<p>new</p>", 2, "earlier"),
        ('<a href="none.html">new</a>', 0, "earlier"),
    ],
    ids=["sound", "a chapter fails", "a link is dead"],
)
def test_only_a_sound_site_is_published(root, monkeypatch, text, status, shown):
    monkeypatch.setattr(subprocess, "run", builder(text, status))
    assert (build_book.build(root) == 0) == (shown == text)
    assert page(root) == shown


def test_an_interrupted_swap_restores_the_site(root):
    with pytest.raises(FileNotFoundError):
        build_book.swap(root / "nothing", root / "_build/html")
    assert page(root) == "earlier"


def test_a_killed_swap_is_repaired_by_the_next_build(root):
    (root / "_build/html").rename(root / "_build/html.earlier")
    build_book.restore(root / "_build/html")
    assert page(root) == "earlier"
