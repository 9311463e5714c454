"""Run a program that ends when its parent does, however that ends: also by `kill -9`.

`python tools/with_parent.py PARENT MODULE:FUNCTION ARGUMENT...`, where PARENT is the id of the
process that starts it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from importlib import import_module

_PAUSE = 0.2  # seconds


def watch(parent: int | None = None) -> None:
    """End this process as soon as its parent, by default the one of now, is its parent no more."""
    expected = os.getppid() if parent is None else parent
    threading.Thread(target=_end_without, args=(expected,), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PAUSE)
    os._exit(1)


def main() -> None:
    """Run the command line."""
    _, parent, program, *arguments = sys.argv
    watch(int(parent))
    # Sphinx reads the chapters in forks, which inherit no thread.
    os.register_at_fork(after_in_child=watch)
    module, _, function = program.partition(":")
    sys.argv = [program, *arguments]
    sys.exit(getattr(import_module(module), function)())


if __name__ == "__main__":
    main()
