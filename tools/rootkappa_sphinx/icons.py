"""The icons that the pages show, and not the 1.5 MB of script that hold all there are.

The theme's `fontawesome.js` draws some twenty icons of its two thousand. It is replaced by a script
that holds the paths of those that some page or script of the site names.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

SCRIPT = Path(__file__).with_name("icons.js")
WHOLE = Path("_static") / "scripts" / "fontawesome.js"
_NAMED = re.compile(r"\bfa-([a-z][a-z-]*)")
_ICON = re.compile(r'(?:"([a-z-]+)"|\b([a-z]+)):\[(\d+),(\d+),\[([^\]]*)\],"[^"]*","([^"]+)"\]')
Icon = tuple[int, int, str]


def icons(script: str) -> dict[str, Icon]:
    """Read width, height and path of all icons, by all of their names.

    Of an icon in several styles the last is kept, which is the solid one.
    """
    found: dict[str, Icon] = {}
    for quoted, plain, width, height, others, path in _ICON.findall(script):
        for name in (quoted or plain, *re.findall(r'"([a-z-]+)"', others)):
            found[name] = (int(width), int(height), path)
    return found


def named(texts: Iterable[str]) -> set[str]:
    """Collect the names of icons in pages and scripts."""
    return {name for text in texts for name in _NAMED.findall(text)}


def subset(script: str, names: set[str]) -> str:
    """Write the script that draws only these."""
    kept = {name: icon for name, icon in icons(script).items() if name in names}
    shown = json.dumps(dict(sorted(kept.items())), separators=(",", ":"))
    return SCRIPT.read_text(encoding="utf-8").replace("ICONS = {}", f"ICONS = {shown}", 1)


def _replace(app: Sphinx, error: Exception | None) -> None:
    outdir = Path(app.outdir)
    target = outdir / WHOLE
    if error is not None or not target.is_file():
        return
    pages = [*outdir.rglob("*.html"), *(outdir / "_static").rglob("*.js")]
    others = [page for page in pages if page != target]
    names = named(page.read_text(encoding="utf-8") for page in others)
    text = target.read_text(encoding="utf-8")
    if len(icons(text)) > len(names):  # else a build before has replaced it
        target.write_text(subset(text, names), encoding="utf-8")
    for left in target.parent.glob("*.map"):
        left.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step."""
    app.connect("build-finished", _replace, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
