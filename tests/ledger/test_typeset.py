r"""Formulas of claims: real mathematics on a page, a legible line in a terminal."""

import re
from pathlib import Path

import pytest

from rootkappa.ledger import published, read_claims
from rootkappa.ledger._typeset import plain, typeset
from rootkappa.ledger._words import label

CLAIMS = read_claims(Path(__file__).parents[2] / "book/claims.toml")
FORMULA = re.compile(r"\$[^$]+\$")
# What only a machine writes: roots and Greek letters in words, powers, indices, comparisons, norms.
ASCII = re.compile(
    r"\b(sqrt|kappa|lambda|beta|gamma|eta|sigma|rho|xi|mu|theta|phi|alpha|delta|Delta|Theta)\b"
    r"|\w_\w|\^|[<>]=|\|\||\w = |\+-|->|(?<![\w.])[A-Za-z]\d\b"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"$1-\tfrac{1}{2\sqrt\kappa}$", "1-1/(2√κ)"),
        (r"$\tfrac{3\sqrt\kappa-2}{3\sqrt\kappa+2}$", "(3√κ-2)/(3√κ+2)"),
        (r"at $(1-\tfrac{c}{4\sqrt\kappa})^k$", "at (1-c/(4√κ))^k"),
        (r"$\tfrac12(b-\sqrt{b^2-4\mu})$", "(1/2)(b-√(b²-4μ))"),
        (r"$\|z_t\|\le24\sqrt\kappa\,\|z_0\|$", "‖z_t‖ ≤ 24√κ ‖z₀‖"),
        (r"$\sup_k\|M^k\|/\sqrt{\min h}$", "sup_k‖M^k‖/√(min h)"),
        (r"$\lambda_{\min}(H_0)=10^{-5}$", "λ_min(H₀) = 10⁻⁵"),
        (r"$X^\top X\otimes I$, $k<\infty$", "XᵀX ⊗ I, k < ∞"),
        (r"$\operatorname{Re}b+\log\operatorname{cond}(H)$", "Re b+log cond(H)"),
        (r"$m^{-1/2}$, $0.5\pm0.1$, $d_{t-1}$", "m^(-1/2), 0.5 ± 0.1, d_(t-1)"),
        (r"$\le4$", "≤ 4"),
        (r"$4\ge$", "4 ≥"),
        ("a theorem's bet, 1e-12", "a theorem's bet, 1e-12"),
    ],
)
def test_a_line_of_a_terminal(text, line):
    assert plain(text) == line


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & <script>", "a &lt; b &amp; &lt;script&gt;"),
        (r"$a<b$", r"<span>\(a&lt;b\)</span>"),
        ("1e-12, 2.3e-4, 1e6", "10<sup>−12</sup>, 2.3·10<sup>−4</sup>, 10<sup>6</sup>"),
        ("test_1e5 and x1e5", "test_1e5 and x1e5"),
        ("`a_b <c>`", "<code>a_b &lt;c&gt;</code>"),
        ("a \"word\" and $f''$", "a \"word\" and <span>\\(f''\\)</span>"),
        ("", ""),
    ],
)
def test_a_page(text, html):
    assert typeset(text).replace(' class="math notranslate nohighlight"', "") == html


def texts(claim):
    """Everything of a claim that a reader is shown."""
    told = {
        name: getattr(claim, name)
        for name in ("statement", "predicted", "control", "note", "breaks", "nontrivial")
    }
    told |= {f"names.{name}": label(claim, name) for name in claim.accept or {}}
    if claim.population is not None:
        told["population"] = claim.population.of
    return {name: text for name, text in told.items() if text}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_is_mathematics_and_words(claim):
    for name, text in texts(claim).items():
        rest = re.sub(r"`[^`]+`", "", FORMULA.sub("", text))
        assert "$" not in rest, (name, text)
        assert not ASCII.search(rest), (name, ASCII.search(rest)[0], text)
        assert not set(plain(text)) & set("\\{}$\x1e\x1f"), (name, plain(text))


def test_formulas_fit_a_phone():
    # A formula in a line is not broken. The widest of forty signs fills a card at 390 pixels.
    told = " ".join(text for claim in CLAIMS.values() for text in texts(claim).values())
    assert [found for found in FORMULA.findall(told) if len(plain(found)) > 40] == []


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_what_was_measured_has_names_that_differ(claim):
    names = [label(claim, name) for name in claim.accept or {}]
    assert len(set(names)) == len(names)


def test_a_record_is_mathematics_and_words():
    for record in published().records.values():
        unmet = [name.rpartition(": ")[2] for name in record["hypotheses"]["unmet"]]
        for text in (record["control"]["what"], *unmet):
            rest = FORMULA.sub("", text)
            assert not ASCII.search(rest), (record["id"], rest)
