"""The measurement of every claim: a function that a chapter shows and that anyone can run again.

One file or folder a chapter, one function a claim. A function takes the seeds of its draws, if it
draws, and returns what was measured on each beside a control that breaks one hypothesis:

    @measures("deep-linear/hb-tail")
    def hb_tail(seeds: Sequence[int]) -> Evidence: ...

The variable ROOTKAPPA_SHIFT moves all draws of the library at once.
"""

from rootkappa.evidence.afresh import settle_afresh
from rootkappa.evidence.measured import measure

__all__ = ["measure", "settle_afresh"]
