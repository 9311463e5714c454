"""Pages load the icons that they show, and no others."""

from __future__ import annotations

import re
import shutil
from base64 import b64decode
from importlib.resources import files
from io import BytesIO
from types import SimpleNamespace

from fontTools.ttLib import TTFont

from rootkappa_sphinx import icons

THEME = files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/static"
PAGE = (
    '<head>\n<script defer src="../_static/scripts/fontawesome.js?digest=5"></script>\n</head>'
    '<i class="fa-solid fa-sun fa-lg" title="Light"></i><i class="fas fa-pencil-alt"></i>'
    '<i class="fab fa-github" aria-hidden="true"></i><i class="fas fa-plus"></i>'
)


def test_rules_and_fonts_hold_what_is_named(tmp_path):
    for folder in (icons.STYLE.parent, icons.FONTS, icons.SCRIPTS):
        source = THEME / folder.relative_to("_static")
        shutil.copytree(source, tmp_path / folder, dirs_exist_ok=True)
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    whole = (tmp_path / icons.STYLE).read_text(encoding="utf-8")
    app = SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format="html"))
    icons._reduce(app, None)
    style = (tmp_path / icons.STYLE).read_text(encoding="utf-8")
    assert '.fa-sun:before{content:"\\f185"}' in style
    assert ".fa-pencil-alt" in style
    assert ".fa-rocket" not in style
    # Only rules of icons are gone, and what is the theme's own stays.
    assert icons.fewer_rules(whole, icons.named([whole])).count("{") == whole.count("{")
    assert "--pst-icon-info-circle" in style
    fonts = [b64decode(font) for font in re.findall(r"data:font/woff;base64,([^)]*)\)", style)]
    assert len(fonts) == style.count("@font-face")
    assert "webfonts" not in style
    assert not (tmp_path / icons.FONTS).exists()
    solid = max((TTFont(BytesIO(font)).getBestCmap() for font in fonts), key=len)
    # The sun, the plus, and the theme's own circle beside a note; no rocket.
    assert {0xF185, ord("+"), 0xF05A} <= set(solid)
    assert 0xF135 not in solid
    assert sum(map(len, fonts)) < 20_000
    again = style, (tmp_path / "a.html").read_text(encoding="utf-8")
    icons._reduce(app, None)
    assert again == (
        (tmp_path / icons.STYLE).read_text(encoding="utf-8"),
        (tmp_path / "a.html").read_text(encoding="utf-8"),
    )


def test_a_page_loads_no_script_and_screen_readers_hear_no_icons():
    assert icons.plain(PAGE) == (
        '<head>\n</head><i class="fa-solid fa-sun fa-lg" title="Light" aria-hidden="true"></i>'
        '<i class="fas fa-pencil-alt" aria-hidden="true"></i>'
        '<i class="fab fa-github" aria-hidden="true"></i>'
        '<i class="fas fa-plus" aria-hidden="true"></i>'
    )
