r"""The formulas of claims.toml, `$\kappa\le4$`: as HTML for MathJax, or a line of a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

_FORMULA = re.compile(r"\$([^$]+)\$")
_CODE = re.compile(r"`([^`]+)`")
_POWER_OF_TEN = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e(-?\d+)(?!\w)")

_SIGNS = {
    "|": "‖",
    ",": " ",
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
    "varphi": "φ",
    "nabla": "∇",
    "infty": "∞",
    "sum": "Σ",
    "top": "ᵀ",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "cdot": "·",
    "times": "×",
    "otimes": " ⊗ ",
    "pm": " ± ",
    "le": " ≤ ",
    "ge": " ≥ ",
}
_FUNCTIONS = ("log", "max", "min", "sup", "sin", "cosh", "cot")
_UPRIGHT = ("operatorname", "mathbb", "text")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_TOKEN = re.compile(r"\\[A-Za-z]+ *|\\.|.")
_APPLIED, _FRACTION = "\x1f", "\x1e"  # marks of what is decided when more has been read
_FACTOR = re.compile(r"\d+|[^\W\d_](?:_\w+|[₀-₉]+)?")
# A function's name between letters; a fraction that ends a term, and one that is a factor.
_TIDY = (
    (re.compile(rf"(?<=[\w)|]){_APPLIED}+(?=[^\W_]|√)"), " "),
    (re.compile(_APPLIED), ""),
    (re.compile(rf"{_FRACTION}([^{_FRACTION}]*){_FRACTION}(?=$|[-+=<>),. ])"), r"\1"),
    (re.compile(rf"{_FRACTION}([^{_FRACTION}]*){_FRACTION}"), r"(\1)"),
    (re.compile(r" *([=<>]) *"), r" \1 "),
    (re.compile(r" {2,}"), " "),
)


def typeset(text: str) -> str:
    r"""Return a claim's text as HTML.

    Args:
        text: Words, with formulas between dollar signs, `code`, and numbers such as 1e-12.

    Returns:
        HTML, in which MathJax sets the formulas; powers of ten need none.

    Example:
        >>> typeset(r"$\kappa<4$ to 1e-12").replace(" notranslate nohighlight", "")
        '<span class="math">\\(\\kappa&lt;4\\)</span> to 10<sup>−12</sup>'
    """
    return _parts(text, _mathjax, _prose)


def plain(text: str) -> str:
    r"""Return a claim's text as a terminal shows it.

    Args:
        text: As for `typeset`.

    Returns:
        Text without commands.

    Example:
        >>> plain(r"$\rho^k\le4\sqrt\kappa$ and $1-\tfrac{1}{2\sqrt\kappa}$")
        'ρ^k ≤ 4√κ and 1-1/(2√κ)'
    """
    return _parts(text, _unicode, str)


def _parts(text: str, formula: Callable[[str], str], words: Callable[[str], str]) -> str:
    parts = _FORMULA.split(text)
    return "".join(formula(part) if i % 2 else words(part) for i, part in enumerate(parts))


def _mathjax(tex: str) -> str:
    # The class is Sphinx's own for a formula; notebooks set what stands between the signs.
    return rf'<span class="math notranslate nohighlight">\({escape(tex, quote=False)}\)</span>'


def _prose(text: str) -> str:
    html = _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    return _POWER_OF_TEN.sub(_power_of_ten, html)


def _power_of_ten(found: re.Match[str]) -> str:
    power = f"10<sup>{found[2].replace('-', '−')}</sup>"
    return power if found[1] == "1" else f"{found[1]}·{power}"


def _unicode(tex: str) -> str:
    text = _group(iter(_TOKEN.findall(tex)))
    for pattern, better in _TIDY:
        text = pattern.sub(better, text)
    return text.strip()


def _group(tokens: Iterator[str]) -> str:
    # Up to the brace that closes a group, or to the end.
    read = ""
    for token in tokens:
        if token == "}":
            break
        read += _read(token, tokens)
    return read


def _read(token: str, tokens: Iterator[str]) -> str:
    name = token.strip().removeprefix("\\")
    if token == "{":
        return _group(tokens)
    if token in ("^", "_"):
        return _script(token, _argument(tokens))
    if name == "tfrac":
        return f"{_FRACTION}{_atom(_argument(tokens))}/{_atom(_argument(tokens))}{_FRACTION}"
    if name == "sqrt":
        return f"√{_atom(_argument(tokens))}"
    if name in _UPRIGHT:
        return f"{_APPLIED}{_argument(tokens)}{_APPLIED}"
    if name in _FUNCTIONS and token.startswith("\\"):
        return f"{_APPLIED}{name}{_APPLIED}"
    return _SIGNS.get(name, token) if token.startswith("\\") else token


def _argument(tokens: Iterator[str]) -> str:
    return _read(next(tokens), tokens).strip(f" {_APPLIED}")


def _script(place: str, inner: str) -> str:
    if place == "^" and re.fullmatch(r"-?\d+", inner):
        return inner.translate(_RAISED)
    if place == "_" and inner.isdecimal():
        return inner.translate(_LOWERED)
    whole = inner if re.fullmatch(r"\w+|\W", inner) else f"({inner})"
    return inner if inner == "ᵀ" else f"{place}{whole}"


def _atom(text: str) -> str:
    return text if _FACTOR.fullmatch(text) else f"({text})"
