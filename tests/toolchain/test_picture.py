"""The README's picture shows what the library computes."""

from __future__ import annotations

import math

import picture
from rootkappa_sphinx.execution import ROOT


def test_momentum_is_ahead_by_about_the_root_of_kappa():
    found = picture.losses()
    assert list(found) == list(picture.METHODS)
    half = picture.STEPS // 2
    rates = {name: math.log(share[half] / share[-1]) / half for name, share in found.items()}
    # On the loss: 2/kappa against 1/root kappa and 4/(3 root kappa).
    assert rates["heavy ball"] > 3 * rates["gradient descent"]
    assert rates["Nesterov"] > rates["heavy ball"]


def test_the_picture_is_of_these_losses_and_small():
    text = picture.TARGET.read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert len(text) < 60_000
    for look in ("#12306b", "#9a3706", "#0c8061"):
        assert look in text
    assert "![" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "book/_static/race.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
