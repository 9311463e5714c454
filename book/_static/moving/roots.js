// One mode, two roots: where they lie in the unit circle, what factor a step that makes, and how
// the mode rings or creeps.
"use strict";

{
  const STEPS = 60, LEAST = 1e-3;
  const { words, modes } = rootkappa;

  function circle(method, lambda) {
    const rim = Array.from({ length: 73 }, (_, i) => [Math.cos((i * Math.PI) / 36), Math.sin((i * Math.PI) / 36)]);
    const axis = { min: -1.25, max: 1.25, ticks: [-1, 0, 1] };
    return {
      x: { ...axis, label: "real part" },
      y: { ...axis, label: "imaginary part" },
      title: "the roots",
      square: true,
      share: 0.4,
      marks: [
        { rule: { x: 0 } },
        { rule: { y: 0 } },
        { line: rim, thick: 1 },
        { dots: modes.roots(method, lambda), look: "0", size: 6 },
      ],
    };
  }

  /** The radius against the eigenvalue: sampled, and at the kinks exactly. */
  function radii(method, lambda) {
    const kinks = modes.kinks(method).filter((value) => value > LEAST && value < 1);
    const sampled = Array.from({ length: 181 }, (_, i) => LEAST ** (1 - i / 180));
    const places = [...sampled, ...kinks].sort((a, b) => a - b);
    return {
      x: { label: "eigenvalue λ, over the largest", min: LEAST, max: 1, log: true },
      y: { label: "factor a step", min: 0.4, max: 1.2 },
      title: "what they do to every eigenvalue",
      marks: [
        { rule: { y: 1 } },
        ...kinks.map((x) => ({ rule: { x } })),
        { line: places.map((x) => [x, modes.radius(method, x)]), look: "0" },
        { dots: [[lambda, modes.radius(method, lambda)]], look: "0", size: 6 },
        ...(kinks.length ? [{ text: "complex from here on", at: [kinks[0] * 1.1, 0.43] }] : []),
      ],
      share: 0.6,
    };
  }

  function ringing(method, lambda) {
    const path = modes.trace(method, lambda, STEPS).map((value, t) => [t, value]);
    return {
      x: { label: "step t", min: 0, max: STEPS },
      y: { label: "residual of the mode", min: -1.1, max: 1.1 },
      title: "how it moves",
      height: 150,
      marks: [
        { rule: { y: 0 } },
        { line: path, look: "0", thick: 0.8 },
        { dots: path.filter(([, u]) => Math.abs(u) < 1.1), look: "0", size: 3 },
      ],
    };
  }

  function sentence(method, lambda) {
    const [first] = modes.roots(method, lambda), radius = modes.radius(method, lambda);
    const real = modes.roots(method, lambda).map(([root]) => words(root)).join(" and ");
    const begin = `ηλ = ${words(method[0] * lambda)}. `;
    const kind =
      first[1] === 0
        ? `The roots are real, ${real}: the mode does not ring. `
        : `The roots are a complex pair of modulus ${words(radius)}: the mode rings, once in ` +
          `${words((2 * Math.PI) / Math.atan2(first[1], first[0]))} steps. `;
    if (radius >= 1) return `${begin}${kind}A root is not inside the circle, so it never comes to rest.`;
    const steps = radius > 0 ? Math.ceil(Math.log(1e-6) / Math.log(radius)) : 1;
    return (
      `${begin}${kind}In the long run it shrinks by ${words(radius)} a step: ` +
      `a millionth takes about ${words(steps)} steps.`
    );
  }

  rootkappa.figure("roots", {
    controls: [
      { name: "eta", label: "step size η", min: 0.05, max: 4, step: 0.05, start: 1 },
      { name: "beta", label: "momentum β", min: 0, max: 0.99, step: 0.005, start: 0.81 },
      { name: "gamma", label: "extrapolation γ", min: 0, max: 0.99, step: 0.005, start: 0 },
      { name: "lambda", label: "eigenvalue λ", min: LEAST, max: 1, log: true, start: 0.3 },
    ],
    // The tunings of the chapter for kappa = 25, to the slider's digits.
    presets: [
      { label: "gradient descent", state: { eta: 1, beta: 0, gamma: 0 } },
      { label: "heavy ball", state: { eta: 1, beta: 0.81, gamma: 0 } },
      { label: "Nesterov", state: { eta: 0.5, beta: 0.765, gamma: 0.765 } },
    ],
    show({ eta, beta, gamma, lambda }) {
      const method = [eta, beta, gamma];
      return {
        panels: [circle(method, lambda), radii(method, lambda), ringing(method, lambda)],
        says: sentence(method, lambda),
      };
    },
  });
}
