"""Tables: both forms of a table, and the row that does not fit."""

from __future__ import annotations

import pytest

from rootkappa.tables import Table, superscript

TABLE = Table(["method", "rate"], [["heavy ball", r"$\sqrt\beta$"], ["norm", "|x|"]])


def test_markdown_has_a_line_a_row_and_escapes_bars():
    assert TABLE.to_markdown().splitlines() == [
        "| method | rate |",
        "| --- | --- |",
        r"| heavy ball | $\sqrt\beta$ |",
        r"| norm | \|x\| |",
    ]


def test_markdown_writes_numbers_as_mathematics():
    cells = ["-3.1", "4.7e-02", "-1e+05", "0.5", "1e-x", "2-3"]
    shown = [r"$-3.1$", r"$4.7\cdot10^{-2}$", r"$-10^{5}$", "0.5", "1e-x", "2-3"]
    assert Table(cells, []).to_markdown().splitlines()[0] == f"| {' | '.join(shown)} |"


def test_plain_text_is_aligned_without_trailing_spaces():
    assert str(TABLE).splitlines() == [
        "method      rate",
        r"heavy ball  $\sqrt\beta$",
        "norm        |x|",
    ]


def test_a_notebook_gets_both():
    assert TABLE._repr_mimebundle_() == {
        "text/plain": str(TABLE),
        "text/markdown": TABLE.to_markdown(),
    }


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="has 1 cells and the header 2"):
        Table(["a", "b"], [["only"]])


def test_a_sentence_gets_powers_of_ten():
    texts = ["4.7e-02", "-1e+12", "7", "inf", "about 1e5"]
    assert [superscript(text) for text in texts] == ["4.7·10⁻²", "−10¹²", "7", "inf", "about 1e5"]
