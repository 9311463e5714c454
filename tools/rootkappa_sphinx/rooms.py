"""`{room} kernels` on a page of the reference: every public module of that room of the library.

The text is put in before the page is read, so that a module is a heading, and nothing lists modules
by hand. A room is a folder of `lib/rootkappa`, or a file of it; a folder in a room may have a page
of its own, `{room} evidence.quadratics`, and is then left out of the room's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LIBRARY = Path("lib/rootkappa")
PAGES = "book/api"
ROOM = re.compile(r"^```\{room\} ([\w.]+)\n```$", re.MULTILINE)
_ENTRY = """## `{short}`

```{{eval-rst}}
.. automodule:: {name}
   :members:
```
"""


def modules(root: Path, room: str) -> list[str]:
    """List the public modules of a room.

    Args:
        root: The repository.
        room: The room.

    Returns:
        Their full names, in order; none if there is no such room.
    """
    place = root / LIBRARY / room.replace(".", "/")
    files = (
        [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else place.rglob("*.py")
    )
    parts = [path.relative_to(root / LIBRARY.parent).with_suffix("").parts for path in files]
    return sorted(".".join(names) for names in parts if not any(n.startswith("_") for n in names))


def listed(root: Path) -> dict[str, list[str]]:
    """List what the pages of the reference show.

    Args:
        root: The repository.

    Returns:
        The modules of each room, without those of a room in it.
    """
    pages = (root / PAGES).glob("*.md")
    named = {room for page in pages for room in ROOM.findall(page.read_text(encoding="utf-8"))}
    own = {room: set(modules(root, room)) for room in named}
    inner = {room: [own[name] for name in named if name.startswith(f"{room}.")] for room in named}
    return {room: sorted(own[room].difference(*inner[room])) for room in named}


def expand(root: Path, text: str) -> str:
    """Write out each `{room}` of a page.

    Args:
        root: The repository.
        text: The page.

    Returns:
        The page with a heading and an `automodule` for each module.

    Raises:
        ValueError: If there is no such room.
    """

    def entries(found: re.Match[str]) -> str:
        names = listed(root)[found[1]]
        if not names:
            raise ValueError(f"there is no room {found[1]!r} in {LIBRARY}: name a folder of it.")
        home = f"{LIBRARY.name}."
        shorts = [name.removeprefix(home).removeprefix(f"{found[1]}.") for name in names]
        pairs = zip(shorts, names, strict=True)
        return "\n".join(_ENTRY.format(short=short, name=name) for short, name in pairs)

    return ROOM.sub(entries, text)


def _expand(app: Sphinx, _docname: str, content: list[str]) -> None:
    if ROOM.search(content[0]):
        content[0] = expand(Path(app.srcdir), content[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step."""
    app.connect("source-read", _expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
