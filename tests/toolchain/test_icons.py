"""Pages load the icons that they show, and draw each."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import quickjs

from rootkappa_sphinx import icons

THEME = files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/static/scripts/fontawesome.js"


def test_icons_of_the_theme_are_read_by_all_of_their_names():
    found = icons.icons(THEME.read_text(encoding="utf-8"))
    assert len(found) > 1000
    assert found["pencil"] == found["pencil-alt"]
    assert found["github"][:2] == (496, 512)
    width, height, path = found["sun"]
    assert (width, height) == (512, 512)
    assert path.startswith("M361.5")  # the solid one, not the outline
    assert all(path[0] in "Mm" for _, _, path in found.values())


def test_the_subset_holds_what_is_named_and_runs():
    whole = THEME.read_text(encoding="utf-8")
    page = '<i class="fa-solid fa-sun fa-lg"></i><i class="fas fa-pencil-alt"></i>'
    text = icons.subset(whole, icons.named([page]))
    kept = json.loads(re.search(r"ICONS = (\{.*\});", text)[1])
    assert set(kept) == {"sun", "pencil-alt"}
    assert len(text) < 4000
    browser = quickjs.Context()
    browser.eval(
        """
        var made = [];
        function element(name) {
          var classes = [];
          return {name: name, attributes: [], classList: {add: c => classes.push(c)},
            setAttribute: function (k, v) { this[k] = v }, append: function (x) { this.child = x }};
        }
        var place = {classList: ["fas", "fa-pencil-alt"], attributes: [],
          replaceWith: icon => made.push(icon)};
        var document = {head: {append() {}}, createElement: element,
          createElementNS: (_, name) => element(name), addEventListener() {},
          querySelectorAll: () => [place]};
        """
    )
    browser.eval(text)
    assert browser.eval("made.length") == 1
    assert browser.eval("made[0].child.d") == kept["pencil-alt"][2]
    assert browser.eval("made[0].viewBox") == "0 0 512 512"
