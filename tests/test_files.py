"""A file is the old or the new one, whatever happens, and a failure is one sentence."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from rootkappa._files import write_atomically


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("earlier", encoding="utf-8")
    return path


def is_untouched(target):
    return target.read_text("utf-8") == "earlier" and list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("content", ["κ\n", b"\x00\xff"])
def test_replaces_the_content_and_lets_others_read_it(target, content):
    write_atomically(target, content)
    assert target.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(target.parent.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_what_cannot_be_encoded_leaves_the_earlier_file(target):
    with pytest.raises(UnicodeEncodeError):
        write_atomically(str(target), "\ud800")
    assert is_untouched(target)


def test_an_interruption_leaves_the_earlier_file(target, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "half")
    assert is_untouched(target)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_one_sentence(target, monkeypatch):
    half = target.with_name("half")

    def on_a_full_disk(**_):
        half.touch()
        return os.open("/dev/full", os.O_WRONLY), str(half)

    monkeypatch.setattr("tempfile.mkstemp", on_a_full_disk)
    with pytest.raises(OSError, match=r"^cannot write .*x.json \(No space left .*: make room"):
        write_atomically(target, "new")
    assert is_untouched(target)


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.EROFS, "Read-only file system"), (errno.EACCES, "Permission denied")],
)
def test_a_folder_that_cannot_be_written_is_one_sentence(target, monkeypatch, number, message):
    def refuse(**_):
        raise OSError(number, message)

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(OSError, match=rf"\({message}\).*choose a folder that you may write to"):
        write_atomically(target, "new")
    assert is_untouched(target)


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file .*choose a folder"):
        write_atomically(tmp_path / "none" / "x", "new")
