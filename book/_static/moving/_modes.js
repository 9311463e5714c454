// One mode of a quadratic under the three numbers of a method; as rootkappa.dynamics solves it.
//
// With y = eta lambda the residual obeys u_{t+1} = p u_t - q u_{t-1}, p = 1 + beta - (1 + gamma) y
// and q = beta - gamma y, from u_0 = 1 and, at rest, u_1 = 1 - (1 + gamma) y.
"use strict";

rootkappa.modes = {
  /** The tunings of the chapter on quadratics, for lambda_max = 1. */
  tunings: {
    "gradient descent": () => [1, 0, 0],
    "heavy ball": (kappa) => [1, (1 - 0.5 / Math.sqrt(kappa)) ** 2, 0],
    nesterov: (kappa) => {
      const root = 3 * Math.sqrt(kappa), beta = (root - 2) / (root + 2);
      return [0.5, beta, beta];
    },
  },

  /** Eigenvalues from 1/kappa to 1, even in their logarithm. */
  even: (kappa, modes) =>
    Array.from({ length: modes }, (_, i) => kappa ** (i / (modes - 1) - 1)),

  /** Half the trace and half the difference of the roots; complex if the last is true. */
  halves([eta, beta, gamma], lambda) {
    const y = eta * lambda, c = beta - gamma + beta * gamma;
    const p = 1 + beta - (1 + gamma) * y;
    // The discriminant from its own two roots: next to a double root nothing cancels.
    let square = p * p - 4 * (beta - gamma * y);
    if (c >= 0) {
      const root = Math.sqrt(c);
      const low = ((1 - beta) / (1 + root)) ** 2, high = ((1 + root) / (1 + gamma)) ** 2;
      square = (1 + gamma) ** 2 * (y - low) * (y - high);
    }
    return [p / 2, Math.sqrt(Math.abs(square)) / 2, square < 0];
  },

  /** The two roots, each [real part, imaginary part]. */
  roots(method, lambda) {
    const [middle, half, complex] = rootkappa.modes.halves(method, lambda);
    return complex ? [[middle, half], [middle, -half]] : [[middle + half, 0], [middle - half, 0]];
  },

  /** The factor a step in the long run. */
  radius(method, lambda) {
    const [middle, half, complex] = rootkappa.modes.halves(method, lambda);
    return complex ? Math.hypot(middle, half) : Math.abs(middle) + half;
  },

  /** u_0 to u_T of a mode from rest. */
  trace([eta, beta, gamma], lambda, steps) {
    const y = eta * lambda, p = 1 + beta - (1 + gamma) * y, q = beta - gamma * y;
    const found = [1, 1 - (1 + gamma) * y];
    for (let t = 2; t <= steps; t++) found.push(p * found[t - 1] - q * found[t - 2]);
    return found.slice(0, steps + 1);
  },
};
