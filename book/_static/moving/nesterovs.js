// Three Nesterovs: one mode under the flow, its heavy-ball twin, the schedule, and constant
// momentum. Each curve is the largest size still to come, so that it does not oscillate.
"use strict";

{
  const LAST = 3000, BEYOND = 4000, LEAST = 1e-8;
  const LOOKS = { flow: "0", twin: "heavy ball", schedule: "nesterov", constant: "2" };
  const NAMES = { flow: "flow", twin: "heavy-ball twin", schedule: "schedule", constant: "constant momentum" };
  const { words } = rootkappa;

  /** Gamma at half-integers. */
  const gamma = (x) => (x > 1 ? (x - 1) * gamma(x - 1) : x === 1 ? 1 : Math.sqrt(Math.PI));

  /** X_r(z), the flow with friction r/t: 2^nu Gamma(nu + 1) J_nu(z)/z^nu with nu = (r - 1)/2. */
  const bessel = (r, z) => (z < 12 ? series(r, z) : waves(r, z));

  function series(r, z) {
    let term = 1, sum = 1;
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) || 2 * k < z; k++) {
      term *= (-z * z) / (2 * k * (2 * k + r - 1));
      sum += term;
    }
    return sum;
  }

  // The asymptotic series of Hankel, up to its least term.
  function waves(r, z) {
    const nu = (r - 1) / 2, parts = [0, 0, 0, 0];
    for (let k = 0, term = 1; k < 60 && Math.abs(term) > 1e-17; k++) {
      parts[k % 4] += term;
      const factor = (4 * nu * nu - (2 * k + 1) ** 2) / (8 * z * (k + 1));
      if (Math.abs(factor) >= 1 && k > nu) break;
      term *= factor;
    }
    const angle = z - (nu / 2 + 0.25) * Math.PI;
    const size = ((2 ** nu * gamma(nu + 1)) / z ** nu) * Math.sqrt(2 / (Math.PI * z));
    return size * ((parts[0] - parts[2]) * Math.cos(angle) - (parts[1] - parts[3]) * Math.sin(angle));
  }

  /** Evaluation points of a schedule or of constant momentum, at unit step on a mode y. */
  function walk(y, momentum, ahead) {
    const found = new Float64Array(BEYOND + 1);
    let before = 1, now = 1;
    for (let k = 0; k <= BEYOND; k++) {
      const beta = momentum(k), point = now + (ahead ? beta * (now - before) : 0);
      found[k] = point;
      [before, now] = [now, now + beta * (now - before) - y * point];
    }
    return found;
  }

  const METHODS = {
    flow: (y, r) => Float64Array.from({ length: BEYOND + 1 }, (_, k) => bessel(r, k * Math.sqrt(y))),
    twin: (y, r) => walk(y, (k) => (k > 1 ? (k - 1) / (k + r - 1) : 0), false),
    schedule: (y, r) => walk(y, (k) => (k > 1 ? (k - 1) / (k + r - 1) : 0), true),
    constant: (y) => walk(y, () => (1 - Math.sqrt(y)) / (1 + Math.sqrt(y)), true),
  };

  function envelope(path) {
    const found = path.map(Math.abs);
    for (let k = found.length - 2; k >= 0; k--) found[k] = Math.max(found[k], found[k + 1]);
    return found;
  }

  const SEEN = [...new Set(Array.from({ length: 141 }, (_, i) => Math.round(LAST ** (i / 140))))];

  const bend = (y) => Math.round(2 / y);

  function sentence(y, r, sizes) {
    const at = bend(y), ratio = sizes.twin[at] / sizes.schedule[at];
    return (
      `At step k* = 2/ηλ = ${words(at, 6)} the schedule lies ${words(ratio, 2)} times below ` +
      `its heavy-ball twin. ` +
      `Twin and flow fall like k to the power −${words(r / 2)} for ever; the schedule ends with the factor ` +
      `${words(Math.sqrt(1 - y), 4)} a step, constant momentum with ${words(1 - Math.sqrt(y), 4)}.`
    );
  }

  rootkappa.figure("nesterovs", {
    controls: [
      { name: "y", label: "ηλ of the mode", min: 0.002, max: 0.3, log: true, start: 0.01 },
      { name: "r", label: "friction r", min: 2, max: 8, step: 1, start: 3 },
      {
        name: "axis",
        label: "steps",
        options: [
          ["log", "logarithmic: power laws are straight"],
          ["even", "even: linear rates are straight"],
        ],
        start: "log",
      },
    ],
    bessel,
    sizes: (name, y, r) => Array.from(envelope(METHODS[name](y, r))),
    show({ y, r, axis }) {
      const sizes = Object.fromEntries(Object.keys(METHODS).map((name) => [name, envelope(METHODS[name](y, r))]));
      const steps = axis === "log" ? SEEN : Array.from({ length: 141 }, (_, i) => Math.round((i * LAST) / 140));
      const marks = Object.keys(METHODS).map((name) => ({
        line: steps.map((k) => [k, sizes[name][k]]),
        look: LOOKS[name],
      }));
      marks.push({ rule: { x: bend(y) } }, { text: "k*", at: [bend(y), 1.4], anchor: "middle" });
      const x = axis === "log" ? { min: 1, max: LAST, log: true } : { min: 0, max: LAST };
      const names = Object.keys(METHODS).map((name, i) => ({
        text: NAMES[name],
        at: axis === "log" ? [1.15, 1e-4 / 10 ** i] : [LAST, 0.6 / 6 ** i],
        anchor: axis === "log" ? "start" : "end",
        look: LOOKS[name],
      }));
      return {
        panels: [
          {
            x: { ...x, label: "step k; for the flow, t over √η" },
            y: { label: "largest size still to come", min: LEAST, max: 3, log: true },
            marks: [...marks, ...names],
          },
        ],
        says: sentence(y, r, sizes),
      };
    },
  });
}
