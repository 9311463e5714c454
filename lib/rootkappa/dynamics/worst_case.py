"""The worst case of a method over all strongly convex functions, certified by PEPit.

A semidefinite program bounds what T steps can leave of f(w_0) - f*, over all mu-strongly convex
and L-smooth functions in any dimension. PEPit writes it down, Clarabel solves it.
"""

from __future__ import annotations

import importlib
import warnings
from types import ModuleType

from rootkappa import _checks
from rootkappa.optimizers.method import Method, as_method
from rootkappa.problems import Spectrum

# Clarabel's own, 1e-8, is more than it can tell of many such programs.
_ACCURACY = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-6)


def worst_case(method: Method, spectrum: Spectrum, steps: int) -> float:
    """Certify the largest (f(w_T) - f*) / (f(w_0) - f*) from rest.

    Args:
        method: A method of the family, without a restart rule.
        spectrum: mu and L, with mu < L.
        steps: T, at least 1; 20 take seconds.

    Returns:
        The ratio, to about 1e-5 of itself where it is not small.

    Raises:
        ImportError: If PEPit is not installed.
        ValueError: If the method has a restart rule.
        RuntimeError: If the solver is not sure of its solution.

    Source: Goujaud, Moucer, Glineur, Hendrickx, Taylor and Dieuleveut (2024), PEPit.

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> round(worst_case(gradient_descent(1.0), Spectrum(0.5, 1.0), 1), 4)  # (1 - 1/kappa)^2
        0.25
    """
    pepit = _pepit()
    if as_method(method).restart is not None:
        raise ValueError(
            f"{method.name} has a restart rule, which depends on the run: certify it without one."
        )
    bounds = _checks.instance("spectrum", spectrum, Spectrum, "Spectrum(mu, L)")
    total = _checks.count("steps", steps)
    problem = pepit.PEP()
    f = problem.declare_function(
        pepit.functions.SmoothStronglyConvexFunction, mu=bounds.lambda_min, L=bounds.lambda_max
    )
    least = f(f.stationary_point())
    before = w = problem.set_initial_point()
    problem.set_initial_condition(f(w) - least <= 1)
    for t in range(total):
        eta, beta, gamma = method.coefficients(t)
        slope = f.gradient(w + gamma * (w - before))
        before, w = w, w + beta * (w - before) - eta * slope
    problem.set_performance_metric(f(w) - least)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Solution may be inaccurate")
        try:
            return float(problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0, **_ACCURACY))
        except UserWarning:
            raise RuntimeError(
                f"the solver is not sure of the worst case of {method.name} over {total} steps: "
                "take fewer steps."
            ) from None


def _pepit() -> ModuleType:
    try:
        importlib.import_module("PEPit.functions")
        return importlib.import_module("PEPit")
    except ImportError:
        raise ImportError(
            "worst cases are certified by PEPit, which is not there: pip install "
            '"rootkappa[certificates]".'
        ) from None
