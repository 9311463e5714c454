"""The house style: theory is a line, measurement is points, names stand beside what they name.

Most figures are one call, and `show` ends them:

```python
figures.scaling(ax, kappas, {"gradient descent": steps, "Nesterov": fewer}, {"Nesterov": 1 / 2})
figures.decay(ax, {"Nesterov": run.losses}, {"theorem": bound})
figures.show(fig, alt="What the axes are, and what a reader should see.")
```
"""

from __future__ import annotations

from rootkappa.figures._labels import label
from rootkappa.figures.curves import decay, scaling
from rootkappa.figures.drawing import measured, theory
from rootkappa.figures.shown import show
from rootkappa.figures.style import method_style, use_style

__all__ = [
    "decay",
    "label",
    "measured",
    "method_style",
    "scaling",
    "show",
    "theory",
    "use_style",
]
