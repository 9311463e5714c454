"""The README's picture, `book/_static/race.svg`: three methods on real networks of kappa = 100.

`python tools/picture.py` draws it again; a test compares what it shows with the library.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from rootkappa import datasets, figures, grid, optimizers
from rootkappa._files import write_atomically
from rootkappa.reductions import sample_orthogonal

TARGET = Path(__file__).resolve().parents[1] / "book" / "_static" / "race.svg"
KAPPA, STEPS, WIDTH, SEEDS = 100.0, 170, 10**6, range(5)
METHODS = {
    "gradient descent": optimizers.classical_gradient_descent,
    "heavy ball": optimizers.modular_heavy_ball,
    "Nesterov": optimizers.lazy_nesterov,
}


def losses() -> dict[str, list[float]]:
    """The median loss of deep linear networks a million units wide, over that of the start."""
    data = datasets.gaussian(d=12, k=2, n=12, kappa=KAPPA)
    networks = sample_orthogonal(data.X, data.Y, WIDTH, 3, list(SEEDS))
    run = grid(networks, method=METHODS, seed=SEEDS).train(STEPS, progress=False)
    found: dict[str, list[float]] = {}
    for name, own in run.by("method").items():
        share = (own.residual_norms / own.residual_norms[:, :1]).square()
        found[str(name)] = share.median(0).values.tolist()
    return found


def picture() -> str:
    """Draw it, the same on every call."""
    figures.use_style()
    fig, ax = plt.subplots(figsize=(7.0, 3.2))
    for name, share in losses().items():
        figures.theory(ax, range(STEPS + 1), share, name, label=name)
    ax.set(yscale="log", ylim=(1e-12, 2), xlim=(0, STEPS), xlabel="step")
    ax.set(ylabel="loss, over the start")
    ax.set_title("Deep linear networks, a million units wide, condition number 100")
    figures.label(ax)
    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "race", "svg.fonttype": "path"}):
        fig.savefig(
            stream, format="svg", facecolor="white", metadata={"Date": None, "Creator": None}
        )
    plt.close(fig)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


if __name__ == "__main__":
    write_atomically(TARGET, picture())
    sys.exit()
