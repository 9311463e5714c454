// A ball in a valley: heavy ball beside gradient descent, as the valley narrows and momentum grows.
"use strict";

{
  const START = [-9, 1.2], LEVELS = [0.02, 0.1, 0.3, 0.7, 1.3];
  const { words, modes } = rootkappa;
  const NAMES = ["gradient descent", "heavy ball"];

  /** A step 1/lambda_max, and no momentum for gradient descent. */
  const method = (name, beta) => [1, name === "heavy ball" ? beta : 0, 0];

  const steps = (kappa) => Math.ceil(8 * Math.sqrt(kappa));

  /** The least momentum under which the floor rings, and with it all of the valley. */
  const enough = (kappa) => (1 - 1 / Math.sqrt(kappa)) ** 2;

  /** The points of a method, [x, y] each: along the floor and across it. */
  function path(name, kappa, beta) {
    const [along, across] = [1 / kappa, 1].map((value) => modes.trace(method(name, beta), value, steps(kappa)));
    return along.map((x, t) => [START[0] * x, START[1] * across[t]]);
  }

  const far = ([x, y]) => Math.hypot(x, y) / Math.hypot(...START);

  function contour(level, kappa) {
    const [a, b] = [Math.sqrt(2 * level * kappa), Math.sqrt(2 * level)];
    return Array.from({ length: 73 }, (_, i) => [a * Math.cos((i * Math.PI) / 36), b * Math.sin((i * Math.PI) / 36)]);
  }

  function valley(kappa, paths) {
    const marks = LEVELS.map((level) => ({ line: contour(level, kappa), look: "4", thick: 0.6, faint: true, dash: "0" }));
    for (const look of NAMES) {
      marks.push({ line: paths[look], look, thick: 1, dash: "0" });
      const inside = ([x, y]) => Math.abs(x) < 10 && Math.abs(y) < 1.7;
      marks.push({ dots: paths[look].filter(inside), look, size: 2.6 });
    }
    marks.push({ text: "+", at: [0, -0.12], anchor: "middle" });
    return {
      x: { label: "x, flat", min: -10, max: 10 },
      y: { label: "y, steep", min: -1.7, max: 1.7, ticks: [-1, 0, 1] },
      title: "both paths in the valley",
      share: 0.55,
      marks,
    };
  }

  function distances(kappa, beta, paths) {
    const last = steps(kappa);
    const marks = NAMES.map((look) => ({ line: paths[look].map((at, t) => [t, Math.max(far(at), 1e-9)]), look }));
    marks.push({ text: "gradient descent", at: [last * 0.97, 1.6], look: "gradient descent", anchor: "end" });
    marks.push({ text: "heavy ball", at: [last * 0.03, 3e-6], look: "heavy ball" });
    return {
      x: { label: "step t", min: 0, max: last },
      y: { label: "distance to the goal, over its start", min: 1e-6, max: 4, log: true },
      title: `κ = ${words(kappa)}, β = ${words(beta)}`,
      share: 0.45,
      marks,
    };
  }

  function sentence(kappa, beta, paths) {
    const last = steps(kappa), least = enough(kappa);
    const [walks, rolls] = NAMES.map((name) => words(100 * far(paths[name][last]), 2));
    const near = Math.abs(beta - least) < 0.005;
    const advice = near
      ? "With less it would creep along the floor, with more it would ring longer."
      : beta < least
        ? `It creeps along the floor: in the long run more momentum helps, up to ${words(least, 2)}.`
        : `It rings: in the long run less momentum helps, down to ${words(least, 2)}.`;
    return (
      `In a valley ${words(kappa)} times steeper across than along, after ${words(last)} steps gradient descent has ` +
      `${walks} % of its way left, and the ball with momentum ${words(beta)} has ${rolls} %. ${advice}`
    );
  }

  rootkappa.figure("rolling", {
    controls: [
      { name: "kappa", label: "how much steeper, κ", min: 1, max: 400, log: true, start: 25 },
      { name: "beta", label: "momentum β", min: 0, max: 0.99, step: 0.01, start: 0.64 },
    ],
    path,
    show({ kappa, beta }) {
      const paths = Object.fromEntries(NAMES.map((name) => [name, path(name, kappa, beta)]));
      return { panels: [valley(kappa, paths), distances(kappa, beta, paths)], says: sentence(kappa, beta, paths) };
    },
  });
}
