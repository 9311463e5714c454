"""The one way in which files are written: by rename, so that each is the old or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file by rename, so that an interruption leaves the earlier one whole.

    Args:
        path: The file; its folder must be there.
        content: Its new content; text is stored in UTF-8.

    Raises:
        OSError: If the folder is missing or cannot be written, or the disk is full.
    """
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        _replace(target, data)
    except OSError as error:
        raise type(error)(
            f"cannot write {target} ({error.strerror}); nothing of it was changed: make room, or "
            "choose a folder that you may write to."
        ) from error


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp makes files that only their owner can read; a web server must read this one.
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
