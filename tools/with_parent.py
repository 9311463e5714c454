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


def watch(parent: int) -> None:
    """End this process at once when another one has become its parent."""
    while os.getppid() == parent:
        time.sleep(_PAUSE)
    os._exit(1)


def main() -> None:
    """Run the command line."""
    _, parent, program, *arguments = sys.argv
    threading.Thread(target=watch, args=(int(parent),), daemon=True).start()
    module, _, function = program.partition(":")
    sys.argv = [program, *arguments]
    sys.exit(getattr(import_module(module), function)())


if __name__ == "__main__":
    main()
