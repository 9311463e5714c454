"""Every file of the library has its test file, and every public one its entry in the API page."""

from __future__ import annotations

import recipes
from rootkappa_sphinx.execution import ROOT


def test_every_file_has_its_test_file():
    assert recipes.untested(ROOT) == []


def test_every_public_module_is_on_the_api_page():
    assert recipes.undocumented(ROOT) == []


def test_a_file_holds_one_idea():
    library = ROOT / "lib/rootkappa"
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in library.rglob("*.py")}
    long = [str(path.relative_to(ROOT)) for path, length in lengths.items() if length > 330]
    assert long == [], "split these along their ideas"
