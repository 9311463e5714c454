"""What may have been meant by a word that names nothing. Without torch, as the ledger is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

# No more options than that are listed.
_LISTED = 12


def hint(given: Any, known: Iterable[Any]) -> str:
    """Say what may have been meant, as the end of a sentence.

    Args:
        given: What was given: a word, or a number.
        known: What there is.

    Returns:
        The nearest of what is known, or the known ones when nothing comes close.

    Example:
        >>> hint("widht", ["width", "kappa"])
        "did you mean 'width'?"
        >>> hint(100, [64, 128])
        'did you mean 128?'
        >>> hint("eta", ["width", "kappa"])
        'use one of width, kappa.'
    """
    options = list(known)
    counted = [option for option in options if isinstance(option, int | float)]
    if isinstance(given, int | float) and counted:
        return f"did you mean {min(counted, key=lambda option: abs(option - given))!r}?"
    words = {str(option): option for option in options}
    for close in difflib.get_close_matches(str(given), words, n=1):
        return f"did you mean {words[close]!r}?"
    rest = f", ... ({len(words)} in all)" if len(words) > _LISTED else ""
    listed = ", ".join(list(words)[:_LISTED])
    return f"use one of {listed}{rest}." if words else "there is none."
