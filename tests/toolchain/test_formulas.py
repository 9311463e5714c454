"""Formulas are typeset when the book is built, and a wrong one stops it."""

from __future__ import annotations

import re

import pytest

from rootkappa_sphinx.formulas import STYLE, Typesetter, typeset_site

MACROS = {"R": "\\mathbb{R}", "norm": ["\\left\\lVert #1 \\right\\rVert", 1]}
INLINE = '<span class="math notranslate nohighlight">\\({}\\)</span>'
DISPLAYED = '<div class="math notranslate nohighlight" id="x">\n{}\\[{}\\]</div>'
NUMBER = '<span class="eqno">(1)<a class="headerlink" href="#x">#</a></span>'


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(MACROS)


def mathml(html):
    """What a screen reader is given, without its tags."""
    (found,) = re.findall(r"<mjx-assistive-mml.*?</mjx-assistive-mml>", html, re.S)
    return re.sub(r"<[^>]*>", "", found)


@pytest.mark.parametrize(
    ("page", "read"),
    [
        (INLINE.format(r"\kappa"), "κ"),
        (INLINE.format(r"x\in\R"), "x∈R"),
        (INLINE.format(r"\norm{w}"), "‖w‖"),
        (INLINE.format("a &lt; b &amp;"), None),
        (INLINE.format("a &lt; b"), "a&lt;b"),
        (DISPLAYED.format("", "x=1"), "x=1"),
        (DISPLAYED.format(NUMBER, "x=1"), "x=1"),
        (DISPLAYED.format("", "\\begin{split}x&amp;=1\\\\[2pt] y&amp;=2\\end{split}"), "x=1y=2"),
    ],
)
def test_a_formula_is_typeset_where_it_stands(typesetter, page, read):
    wrong = []
    better = typesetter.page(f"<p>{page}</p>", wrong)
    if read is None:
        assert better == f"<p>{page}</p>"
        assert "Misplaced &" in wrong[0]
        return
    assert wrong == []
    assert mathml(better) == read
    assert ('display="true"' in better) == page.startswith("<div")
    assert (NUMBER in better) == (NUMBER in page)
    assert "\\" not in better
    assert 'aria-hidden="true"' in better
    assert "tabindex" not in better
    assert typesetter.page(better, wrong) == better


@pytest.mark.parametrize("norm", [r"\norm{w}", r"\norm{u-v}"])
def test_the_bars_of_a_norm_are_as_high_as_brackets(typesetter, norm):
    html = typesetter.formula(norm)
    assert html.count("mjx-c2225") == 2
    assert "TEX-S1" not in html


@pytest.mark.parametrize(
    "page",
    [
        r"<code>\(x\)</code>",
        r'<span class="mathematics">\(x\)</span>',
        r'<span class="math">x</span>',
    ],
)
def test_what_is_no_formula_stays(typesetter, page):
    assert typesetter.page(page, []) == page


@pytest.mark.parametrize(
    ("tex", "named"),
    [
        (r"\kappa", "κ"),
        (r"m=256", "m=256"),
        (r"\kappa^{3/4}", "κ^(3/4)"),
        (r"\sigma_{\max}(A_2)", "σ_max(A_2)"),
        (r"G_1/\sqrt\mu", "G_1/√μ"),
        (r"\frac{a+b}{x_i^2}&lt;1", "(a+b)/(x_i^2)&lt;1"),
    ],
)
def test_a_column_that_is_a_formula_has_its_name_in_letters(typesetter, tex, named):
    better = typesetter.page(f'<th class="head"><p>{INLINE.format(tex)}</p></th>', [])
    assert f">{named}</mjx-assistive-mml>" in better
    assert "<math" not in better
    assert typesetter.page(better, []) == better
    mixed = f'<th class="head"><p>at {INLINE.format(tex)}</p></th>'
    assert "<math" in typesetter.page(mixed, [])


def test_a_site_has_one_style_sheet_and_names_what_is_wrong(tmp_path):
    (tmp_path / "book").mkdir()
    front, inner, plain = (tmp_path / name for name in ("index.html", "book/a.html", "b.html"))
    front.write_text("<head></head>" + INLINE.format(r"\kappa"), encoding="utf-8")
    inner.write_text("<head></head>" + INLINE.format(r"x\nonsense"), encoding="utf-8")
    plain.write_text("<head></head>", encoding="utf-8")
    (wrong,) = typeset_site(tmp_path, {})
    assert (
        wrong == r"book/a.html: Undefined control sequence \nonsense in the formula 'x\\nonsense'"
    )
    link = re.search(r'href="(_static/mathjax/formulas\.css)\?v=\w{8}"', front.read_text("utf-8"))
    (upright,) = re.findall(r'<link rel="preload" href="([^"]*)"', front.read_text("utf-8"))
    assert upright == "_static/mathjax/MathJax_Math-Italic.woff"
    style = tmp_path / link[1]
    assert style == tmp_path / STYLE
    for font in re.findall(r'url\("([^"]*)"\)', style.read_text(encoding="utf-8")):
        assert (style.parent / font).is_file()
    assert "stylesheet" not in plain.read_text("utf-8")
    # A later build, of one other page: the rules of the first stay.
    kappa = "mjx-c.mjx-c1D705"
    inner.write_text("<head></head>" + INLINE.format("x"), encoding="utf-8")
    assert list(typeset_site(tmp_path, {})) == []
    assert kappa in style.read_text(encoding="utf-8")
    assert 'href="../_static/mathjax/formulas.css?v=' in inner.read_text("utf-8")


def test_a_strict_build_stops_at_a_wrong_formula_and_loads_no_script(tmp_path, sphinx):
    source, target = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (source / "conf.py").write_text(
        'extensions = ["myst_parser", "sphinx.ext.mathjax", "rootkappa_sphinx.formulas"]\n'
        'myst_enable_extensions = ["dollarmath", "amsmath"]\n'
        'mathjax3_config = {"tex": {"macros": {"R": "\\\\mathbb{R}"}}}\n',
        encoding="utf-8",
    )
    page = source / "index.md"
    page.write_text("# A\n\n$x\\in\\R$\n\n\\begin{align}x&=1\\end{align}\n", encoding="utf-8")
    assert sphinx(source, target) == (0, "")
    html = (target / "index.html").read_text(encoding="utf-8")
    assert html.count("<mjx-container") == 2
    assert "MathJax = " not in html
    assert not re.search(r"<script[^>]*mathjax", html)
    page.write_text("# A\n\n$\\nonsense$\n", encoding="utf-8")
    status, said = sphinx(source, target)
    assert status == 1
    assert "index.html: Undefined control sequence \\nonsense" in said
