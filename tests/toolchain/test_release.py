"""A release is whole, says what is in it, and is the same when it is made twice."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import tarfile

import pytest

import release
from rootkappa_sphinx.execution import ROOT


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "checkout"
    (root / "_build/html/book").mkdir(parents=True)
    for name in ("index.html", "ledger.json", "book/a.html"):
        (root / "_build/html" / name).write_text(name, encoding="utf-8")
    (root / "_build/rootkappa.pdf").write_bytes(b"%PDF")
    for part in (*release.SOURCES, "requirements.lock"):
        (root / part).symlink_to(ROOT / part)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    return root


@pytest.mark.system
def test_a_release_made_twice_has_the_same_bytes(checkout, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    release.release(checkout, first)
    for path in (checkout / "_build/html").rglob("*.html"):
        os.utime(path, (1, 1))
    release.release(checkout, second)
    sums = (first / "SHA256SUMS").read_text(encoding="utf-8")
    assert sums == (second / "SHA256SUMS").read_text(encoding="utf-8")
    listed = dict(reversed(line.split("  ")) for line in sums.splitlines())
    there = {path.name for path in first.iterdir()} - {"SHA256SUMS"}
    assert set(listed) == there
    assert {name.removeprefix(release.NAME) for name in there} == {
        *("-py3-none-any.whl", ".tar.gz", "-site.tar.gz", ".pdf", "ledger.json"),
        "requirements.lock",
    }
    for name, digest in listed.items():
        assert hashlib.sha256((first / name).read_bytes()).hexdigest() == digest


def test_an_archive_depends_on_its_files_alone(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    packed = release.archive(tmp_path, "top", 86400)
    assert gzip.decompress(packed)[:3] == b"top"
    (tmp_path / "x.tar.gz").write_bytes(packed)
    with tarfile.open(tmp_path / "x.tar.gz") as tar:
        assert [(entry.name, entry.mtime, entry.uname) for entry in tar] == [
            ("top/a", 86400, ""),
            ("top/b", 86400, ""),
        ]


def test_without_a_site_it_says_what_to_build(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.main() == 1
    said = '_build/html/index.html is not there yet: run "make book pdf" first.'
    assert capsys.readouterr().out.strip() == said
