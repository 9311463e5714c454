"""Every file of the library has its test file, and every public one its entry in the API page."""

from __future__ import annotations

import recipes
from rootkappa_sphinx.execution import ROOT


def test_every_file_has_its_test_file():
    assert recipes.untested(ROOT) == []


def test_every_public_module_is_on_the_api_page():
    assert recipes.undocumented(ROOT) == []
