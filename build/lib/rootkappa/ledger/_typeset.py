"""The plain formulas of claims.toml as HTML: Greek letters, roots, powers and indices."""

from __future__ import annotations

import re
from html import escape

_WORDS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "Delta": "Δ",
    "eta": "η",
    "theta": "θ",
    "Theta": "Θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "phi": "φ",
}
_SIGNS = (
    ("&lt;=", "≤"),
    ("&gt;=", "≥"),
    ("+-", "±"),
    ("-&gt;", "→"),
    ("||", "‖"),
    (" (x) ", " ⊗ "),
)
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})(?![A-Za-z])")
_ROOT = re.compile(r"\bsqrt ?(?=[\w(])")
_INDEX = re.compile(r"(?<=[\w‖])_(?:\{([^{}]*)\}|(\w+))")
# A power in parentheses stays as it is written: it may hold more of them.
_POWER = re.compile(r"\^(?:\{([^{}]*)\}|(-?\w+(?:\.\d+)?(?:/\d+)?))")


def typeset(text: str) -> str:
    """Return a claim's text as HTML.

    Args:
        text: Plain text, with formulas such as `1 - 1/(2 sqrt kappa)`.

    Returns:
        HTML.

    Example:
        >>> typeset("rho^k <= 4 sqrt(kappa) lambda_max")
        'ρ<sup>k</sup> ≤ 4 √(κ) λ<sub>max</sub>'
    """
    html = escape(text, quote=False)
    for plain, sign in _SIGNS:
        html = html.replace(plain, sign)
    html = _INDEX.sub(lambda match: f"<sub>{match[1] or match[2]}</sub>", html)
    html = _POWER.sub(lambda match: f"<sup>{match[1] or match[2]}</sup>", html)
    return _ROOT.sub("√", _WORD.sub(lambda match: _WORDS[match[1]], html))
