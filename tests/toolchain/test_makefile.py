"""`make` alone lists every target, and each sets up what it needs."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from rootkappa_sphinx.execution import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.M)[1].split()
PROMISED = {
    *("book", "test", "test-site", "test-portable", "test-oldest", "lint", "format"),
    *("record", "evidence", "bench", "serve", "clean"),
}

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments):
    done = subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_make_alone_lists_every_target():
    listed = re.findall(r"^  make ([a-z-]+) +\S", make(), re.M)
    assert listed == TARGETS
    assert set(listed) >= PROMISED


@pytest.mark.parametrize("target", ["book", "test", "test-portable", "lint", "record", "bench"])
def test_a_target_starts_from_nothing(target, tmp_path):
    plan = make("--dry-run", target, f"VENV={tmp_path}/new")
    assert f"-m venv {tmp_path}/new" in plan
    assert 'pip install -c constraints.txt -e ".[book,test]"' in plan


def test_the_oldest_versions_have_an_environment_of_their_own(tmp_path):
    plan = make("--dry-run", "test-oldest", f"VENV={tmp_path}/new")
    assert f"-m venv {tmp_path}/new-oldest" in plan
    assert "tools/oldest.py >" in plan
    assert f"{tmp_path}/new-oldest/bin/python -m pytest tests lib/rootkappa" in plan
    assert "constraints.txt" not in plan
