"""Plain formulas as HTML."""

import re
from pathlib import Path

import pytest

from rootkappa.ledger import read_claims
from rootkappa.ledger._typeset import typeset

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("1 - 1/(2 sqrt kappa)", "1 - 1/(2 √κ)"),
        ("beta >= eta", "β ≥ η"),
        ("a theorem's bet", "a theorem's bet"),
        ("||(xi_t, xi_{t-1})||_F", "‖(ξ<sub>t</sub>, ξ<sub>t-1</sub>)‖<sub>F</sub>"),
        ("m^-1/2, n^4.5, r^2.", "m<sup>-1/2</sup>, n<sup>4.5</sup>, r<sup>2</sup>."),
        ("t^(-2r/3)", "t^(-2r/3)"),
        ("X^T X (x) I", "X<sup>T</sup> X ⊗ I"),
        ("1 +- 0.1 -> <script>", "1 ± 0.1 → &lt;script&gt;"),
    ],
)
def test_formulas(plain, html):
    assert typeset(plain) == html


def test_the_books_claims_stay_well_formed():
    for claim in read_claims(ROOT / "book/claims.toml").values():
        for text in (claim.statement, claim.predicted, claim.control):
            tags = re.findall(r"<(/?)(\w+)>", typeset(text))
            assert [name for slash, name in tags if not slash] == [
                name for slash, name in tags if slash
            ]
            assert {name for _, name in tags} <= {"sub", "sup"}
