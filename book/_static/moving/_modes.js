// One mode of a quadratic under the three numbers of a method; as rootkappa.dynamics solves it.
//
// With y = eta lambda the residual obeys u_{t+1} = p u_t - q u_{t-1}, p = 1 + beta - (1 + gamma) y
// and q = beta - gamma y, from u_0 = 1 and, at rest, u_1 = 1 - (1 + gamma) y.
"use strict";

{
  const modes = (rootkappa.modes = {
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

    /** The eigenvalues between which the roots are complex; none if they always are real. */
    kinks([eta, beta, gamma]) {
      const c = beta - gamma + beta * gamma, root = Math.sqrt(c);
      if (!(c > 0)) return [];
      return [((1 - beta) / (1 + root)) ** 2 / eta, ((1 + root) / (1 + gamma)) ** 2 / eta];
    },

    /** Half the trace and half the difference of the roots, and whether they are complex. */
    halves(method, lambda) {
      const [eta, beta, gamma] = method, y = eta * lambda, p = 1 + beta - (1 + gamma) * y;
      const [low, high] = modes.kinks(method);
      // From its own two roots: next to a double root the plain discriminant cancels.
      const square = low === undefined
        ? p * p - 4 * (beta - gamma * y)
        : (1 + gamma) ** 2 * (y - eta * low) * (y - eta * high);
      return [p / 2, Math.sqrt(Math.abs(square)) / 2, square < 0];
    },

    /** The two roots, each [real part, imaginary part]. */
    roots(method, lambda) {
      const [middle, half, complex] = modes.halves(method, lambda);
      return complex ? [[middle, half], [middle, -half]] : [[middle + half, 0], [middle - half, 0]];
    },

    /** The factor a step in the long run. */
    radius(method, lambda) {
      const [middle, half, complex] = modes.halves(method, lambda);
      return complex ? Math.hypot(middle, half) : Math.abs(middle) + half;
    },

    /** u_0 to u_T of a mode from rest. */
    trace([eta, beta, gamma], lambda, steps) {
      const y = eta * lambda, p = 1 + beta - (1 + gamma) * y, q = beta - gamma * y;
      const found = [1, 1 - (1 + gamma) * y];
      for (let t = 2; t <= steps; t++) found.push(p * found[t - 1] - q * found[t - 2]);
      return found.slice(0, steps + 1);
    },
  });
}
