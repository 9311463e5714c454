// The winding valley: f(x, u) = (x + s(u))^2/2 with a bowl in x whatever u is, two methods on it,
// and a curve s that is a wave or the saw-tooth which each method meets.
"use strict";

{
  const STEPS = 200, SHOWN = 90, SAID = 60, KAPPA = 20, FREQUENCY = 1.7;
  const { words } = rootkappa;
  // Step 1/L_1 and the momentum of the theorem with c = 1; mu is 1.
  const ROOT = Math.sqrt(KAPPA), BETA = (4 * ROOT - 1) / (4 * ROOT + 7);
  const METHODS = { "gradient descent": [1 / KAPPA, 0], nesterov: [1 / KAPPA, BETA] };

  const wave = (strength) => ({
    height: (u) => (strength / FREQUENCY) * Math.sin(FREQUENCY * u),
    slope: (u) => strength * Math.cos(FREQUENCY * u),
  });

  /** Points at which a method takes its gradients: [x, u, residual], on a wave. */
  function onWave([eta, beta], strength, x, u) {
    const { height, slope } = wave(strength);
    return walk(beta, x, u, (at) => {
      const residual = at.x + height(at.u);
      return { residual, dx: eta * residual, du: eta * residual * slope(at.u) };
    });
  }

  /** The same on a saw-tooth, which falls along the residual where it is looked at and rises between. */
  function onSaw([eta, beta], strength, x, u) {
    let height = 0, before = null;
    return walk(beta, x, u, (at) => {
      if (before) height += strength * (at.u - before.u) * Math.sign(before.residual);
      const residual = at.x + height;
      before = { u: at.u, residual };
      return { residual, dx: eta * residual, du: -eta * strength * Math.abs(residual) };
    });
  }

  function walk(beta, x, u, look) {
    const path = [];
    let vx = 0, vu = 0;
    for (let k = 0; k <= STEPS; k++) {
      const at = { x: x + beta * vx, u: u + beta * vu };
      const { residual, dx, du } = look(at);
      path.push([at.x, at.u, residual]);
      [vx, vu] = [beta * vx - dx, beta * vu - du];
      [x, u] = [x + vx, u + vu];
    }
    return path;
  }

  const run = (curve, name, strength, x, u) =>
    (curve === "wave" ? onWave : onSaw)(METHODS[name], strength, x, u);

  function floors(curve, strength, paths) {
    if (curve === "saw")
      return Object.entries(paths).map(([look, path]) => ({
        line: path.map(([x, u, residual]) => [x - residual, u]), look, thick: 1, faint: true, dash: "0",
      }));
    const { height } = wave(strength), us = Array.from({ length: 91 }, (_, i) => -3 + i / 15);
    const levels = [0.4, 0.8, 1.2, 1.6, 2, 2.4].flatMap((shift) => [shift, -shift]);
    const thin = { look: "4", thick: 0.6, faint: true, dash: "0" };
    const contours = levels.map((shift) => ({ line: us.map((u) => [shift - height(u), u]), ...thin }));
    return [...contours, { line: us.map((u) => [-height(u), u]), thick: 1.6 }];
  }

  function map(curve, strength, paths) {
    const marks = floors(curve, strength, paths);
    for (const [look, path] of Object.entries(paths)) {
      const points = path.slice(0, SHOWN).map(([x, u]) => [x, u]);
      marks.push({ line: points, look, thick: 1, dash: "0" });
      const inside = ([x, u]) => Math.abs(x) < 3 && Math.abs(u) < 3;
      marks.push({ dots: points.filter((at, k) => k % 2 === 0 && inside(at)), look, size: 2.2 });
    }
    const axis = { min: -3, max: 3, ticks: [-2, 0, 2] };
    const title = curve === "wave" ? "the valley and the paths" : "each path and its valley";
    return { x: { ...axis, label: "x" }, y: { ...axis, label: "u" }, title, square: true, share: 0.45, marks };
  }

  function residuals(paths) {
    const marks = Object.entries(paths).map(([look, path]) => ({
      line: path.map(([, , residual], k) => [k, Math.abs(residual / path[0][2])]), look,
    }));
    marks.push({ text: "gradient descent", at: [STEPS, 5e-3], look: "gradient descent", anchor: "end" });
    marks.push({ text: "Nesterov", at: [STEPS, 5e-4], look: "nesterov", anchor: "end" });
    return {
      x: { label: "step k", min: 0, max: STEPS },
      y: { label: "residual over its start", min: 1e-8, max: 20, log: true },
      title: "how far from the floor",
      share: 0.55,
      marks,
    };
  }

  /** The factor of the residual a step, over the last ten steps. */
  const factor = (path) => Math.abs(path[STEPS][2] / path[STEPS - 10][2]) ** 0.1;

  function sentence(curve, strength, paths) {
    const [gd, nag] = Object.values(paths).map((path) => Math.abs(path[SAID][2] / path[0][2]));
    const where = curve === "wave" ? "a wave" : "the saw-tooth";
    const begin = `G₁/√μ = ${words(strength)}, on ${where}. After ${SAID} steps `;
    const left = `gradient descent has ${words(gd, 2)} of its residual left, Nesterov ${words(nag, 2)}.`;
    if (curve === "wave") return begin + left;
    const [slow, fast] = Object.values(paths).map(factor);
    const end = strength > 1 ? "both run away" : strength === 1 ? "both stand still" : "both arrive";
    return `${begin}${left} In the end a step multiplies them by ${words(slow, 4)} and ${words(fast, 4)}: ${end}.`;
  }

  rootkappa.figure("valley", {
    controls: [
      { name: "strength", label: "strength of u, G₁/√μ", min: 0, max: 1.2, step: 0.05, start: 0.9 },
      { name: "x", label: "start x₀", min: -2.5, max: 2.5, step: 0.1, start: 2 },
      { name: "u", label: "start u₀", min: -2.5, max: 2.5, step: 0.1, start: -1.5 },
      {
        name: "curve",
        label: "curve s(u)",
        options: [["wave", "a wave"], ["saw", "the saw-tooth"]],
        start: "wave",
      },
    ],
    run,
    show({ strength, x, u, curve }) {
      const names = Object.keys(METHODS);
      const paths = Object.fromEntries(names.map((name) => [name, run(curve, name, strength, x, u)]));
      return {
        panels: [map(curve, strength, paths), residuals(paths)],
        says: sentence(curve, strength, paths),
      };
    },
  });
}
