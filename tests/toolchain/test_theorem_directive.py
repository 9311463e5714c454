"""The box of a theorem, in one strict build: a page that is right, and one of which nothing is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from rootkappa.provenance import Provenance
from rootkappa_sphinx.theorems import provenance, sentence

ROOT = Path(__file__).parents[2]
CONF = """
import sys
sys.path.insert(0, {tools!r})
# Else extensions write into the default, which all builds of a process share.
source_suffix = {{".rst": "restructuredtext"}}
extensions = ["myst_parser", "rootkappa_sphinx.theorems"]
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"
"""
GOOD = r"""
# Good

```{theorem} GaussianNesterov
:label: thm-a

If $x=1$ then $y=2$.
```

```{theorem} GaussianGradientDescent, OrthogonalGradientDescent
:title: Gradient descent

Both contract.
```

```{theorem} The kernel at finite width
:label: prop-c
:kind: proposition
:provenance: derived
:note: The proof is below.

For every $m$.
```

```{theorem} The additive model
:paper: liao2024provable
:number: Theorem 13
:provenance: full-text; derived: the exponent $\tfrac58$, as in {cite:t}`su2016differential`

A statement.
```

See {prf:ref}`thm-a` and {prf:ref}`prop-c`.

```{toctree}
bad
```

```{bibliography}
```
"""
BAD = """
# Bad

```{theorem} GausianNesterov
Body.
```

```{theorem} Hypothesis
Body.
```

```{theorem} A title
:provenance: derived; hearsay: the constant

Body.
```

```{theorem} A title
:paper: liu2022relu

Body.
```

```{theorem} A title
:kind: song
:provenance: derived

Body.
```
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory, sphinx):
    folder = tmp_path_factory.mktemp("boxes")
    (folder / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), encoding="utf-8")
    (folder / "index.md").write_text(GOOD, encoding="utf-8")
    (folder / "bad.md").write_text(BAD, encoding="utf-8")
    shutil.copy(ROOT / "book/references.bib", folder)
    status, errors = sphinx(folder, folder / "_build")
    return status, errors, (folder / "_build/index.html").read_text("utf-8")


def words(html):
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("’", "'").split())


def boxes(page):
    return [words(box) for box in re.findall(r'<div class="proof .*?</section>', page, re.DOTALL)]


def test_the_box_says_what_the_object_knows(build):
    first, second, *_ = boxes(build[2])
    assert first.startswith("Theorem 1 (Nesterov on deep linear networks)")
    assert "Liu et al. [2022], theorem on fully connected networks. Recalled: " in first
    assert "(stated in the paper's abstract)" in first
    assert second.startswith("Theorem 2 (Gradient descent) Both contract. Du and Hu [2019], ")
    assert second.count("Theorem 4.1. Read in the paper.") == 2
    assert re.search(r'Du and Hu \[<a class="reference internal" href="#id\d+"', build[2])


def test_a_statement_without_an_object_says_it_itself(build):
    _, _, third, fourth = boxes(build[2])
    assert third.startswith("Proposition 1 (The kernel at finite width) For every")
    assert third.endswith("Derived for this book. The proof is below.")
    assert "Liao and Kyrillidis [2024], Theorem 13. Read in the paper. The exponent" in fourth
    assert fourth.endswith("as in Su et al. [2016] (derived for this book).")


def test_labels_are_those_of_sphinx_proof(build):
    assert "See Theorem 1 and Proposition 1." in words(build[2])
    assert '<div class="proof proposition admonition" id="prop-c">' in build[2]


WRONG = [
    (4, "no theorem 'GausianNesterov': did you mean 'GaussianNesterov'"),
    (8, "no theorem 'Hypothesis': use one of "),
    (12, "unknown provenance 'hearsay': choose one of full-text, authors-code, poster"),
    (18, "a theorem without an object needs :provenance:, such as derived."),
    (24, '"song" unknown; choose from "axiom"'),
]


@pytest.mark.parametrize(("line", "message"), WRONG)
def test_what_is_wrong_fails_the_build_with_its_line(build, line, message):
    status, errors, _ = build
    assert status == 1
    assert re.search(rf"bad\.md:{line}: .*{re.escape(message)}", errors), errors


def test_nothing_else_is_complained_of(build):
    assert len(re.findall(r"(ERROR|WARNING):", build[1])) == len(WRONG)


def test_the_vocabulary_is_the_library_s():
    for word in Provenance:
        assert provenance(f" {word} ") == [(word, "")]
        assert sentence([(word, "")]).lower() == f"{word.words.lower()}."
    with pytest.raises(ValueError, match=r"unknown provenance 'read': choose one of full-text"):
        provenance("read")
