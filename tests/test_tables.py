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


REFUSED = {
    "short row": ((["a", "b"], [["only"]]), ValueError, "has 1 cells and the header 2"),
    "no column": (([], []), ValueError, "header is empty: name at least one column"),
    "number": ((["a"], [[0.123456]]), TypeError, r"a row holds 0.123456, which is no text: format"),
    "nothing": ((["a"], [[None]]), TypeError, "a row holds None"),
    "number as a name": (([1], []), TypeError, "the header holds 1"),
    "a word as a row": ((["a", "b"], ["no"]), TypeError, "a row must be a sequence, got 'no'"),
    "a word as the header": (("ab", []), TypeError, "the header must be a sequence, got 'ab'"),
    "no rows": ((["a"], None), TypeError, "rows must be a sequence, got None"),
    "two lines": ((["a"], [["x\ny"]]), ValueError, "write each cell in one line"),
}


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table(arguments, error, message):
    with pytest.raises(error, match=message):
        Table(*arguments)


def test_rows_may_come_from_anywhere():
    assert Table(("a",), ([str(k)] for k in range(2))) == Table(["a"], [["0"], ["1"]])
    assert Table(["a"], []).to_markdown() == "| a |\n| --- |"


@pytest.mark.parametrize("number", [1e-5, None, b"1e-5"])
def test_a_power_of_ten_is_written_first(number):
    with pytest.raises(TypeError, match=r"superscript got .*: format it first, as in f'\{number"):
        superscript(number)


def test_a_sentence_gets_powers_of_ten():
    texts = ["4.7e-02", "-1e+12", "7", "inf", "about 1e5"]
    assert [superscript(text) for text in texts] == ["4.7·10⁻²", "−10¹²", "7", "inf", "about 1e5"]
