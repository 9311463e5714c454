"""The checker of documented parameters sees what ruff does not."""

from __future__ import annotations

import pytest

import check_docstrings

COMPLETE = '"""Do it.\n\n    Args:\n        a: One.\n        *rest: More.\n    """'
CASES = {
    "no list at all": ('def f(a):\n    """Do it."""', ["a"]),
    "documented": (f"def f(a, *rest):\n    {COMPLETE}", []),
    "one missing": (f"def f(a, b):\n    {COMPLETE}", ["b"]),
    "private": ('def _f(a):\n    """Do it."""', []),
    "self": ('class C:\n    """C."""\n    def f(self):\n        """Do it."""', []),
    "method": ('class C:\n    """C."""\n    def f(self, a):\n        """Do it."""', ["a"]),
    "constructor": ('class C:\n    """C."""\n    def __init__(self, a):\n        pass', ["a"]),
    "dataclass": ('@dataclass(frozen=True)\nclass C:\n    """C."""\n    a: int', ["a"]),
}


@pytest.mark.parametrize(("code", "missing"), CASES.values(), ids=CASES)
def test_finds_undocumented_parameters(tmp_path, code, missing):
    (tmp_path / "module.py").write_text(code)
    findings = check_docstrings.check(tmp_path)
    assert [line.rsplit("document ", 1)[1] for line in findings] == missing


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("def f():\n    pass", 0, "every public parameter is documented"),
        (CASES["no list at all"][0], 1, "module.py:1: f does not document a"),
    ],
)
def test_the_command_says_what_it_found(tmp_path, capsys, code, status, message):
    (tmp_path / "module.py").write_text(code)
    assert check_docstrings.main([str(tmp_path)]) == status
    assert message in capsys.readouterr().out


def test_nothing_to_check_is_an_error(tmp_path, capsys):
    (tmp_path / "module.txt").write_text("")
    for name in (tmp_path, tmp_path / "none", tmp_path / "module.txt"):
        assert check_docstrings.main([str(name)]) == 2
        assert f"{name}: no Python file is there" in capsys.readouterr().out
    assert check_docstrings.main([]) == 2
    assert "usage: check_docstrings.py FOLDER" in capsys.readouterr().err
