"""The one hint: the nearest, or what there is."""

from __future__ import annotations

import pytest

from rootkappa._hint import hint

WORDS = ["width", "depth", "gradient descent", "Nesterov"]
MANY = [f"claim {k}" for k in range(40)]
HINTS = [
    ("widht", WORDS, "did you mean 'width'?"),
    ("nesterov", WORDS, "did you mean 'Nesterov'?"),
    ("gradient decent", tuple(WORDS), "did you mean 'gradient descent'?"),
    ("eta", WORDS, "use one of width, depth, gradient descent, Nesterov."),
    (None, WORDS, "use one of width, depth, gradient descent, Nesterov."),
    (["width"], {"x": 1, "y": 2}, "use one of x, y."),
    (100, [64, 128, 1024], "did you mean 128?"),
    (96, [64, 128], "did you mean 64?"),
    (0.3, [0.25, 0.5], "did you mean 0.25?"),
    (3, ["a", "b"], "use one of a, b."),
    ("128", [64, 128], "did you mean 128?"),
    ("word", [64, 128], "use one of 64, 128."),
    (5, [None, (3, 20), 4], "did you mean 4?"),
    ("x", [], "there is none."),
    ("clam 7", MANY, "did you mean 'claim 7'?"),
    ("zzz", MANY[:12], f"use one of {', '.join(MANY[:12])}."),
    ("zzz", MANY, f"use one of {', '.join(MANY[:12])}, ... (40 in all)."),
    ("zzz", iter(["b", "a"]), "use one of b, a."),
]


@pytest.mark.parametrize(("given", "known", "said"), HINTS)
def test_the_nearest_or_what_there_is(given, known, said):
    assert hint(given, known) == said
