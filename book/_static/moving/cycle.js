// Heavy ball's cycle: Lessard's function on the line, tuned methods on it, and from which starts
// they never arrive.
"use strict";

{
  const STEPS = 300, SHOWN = 36, FAR = 5, STARTS = 200;
  const ROOT = 5; // of kappa = 25/1
  const METHODS = {
    polyak: ["heavy ball", "Heavy ball, Polyak's tuning", [4 / (ROOT + 1) ** 2, ((ROOT - 1) / (ROOT + 1)) ** 2, 0]],
    modular: ["heavy ball", "Heavy ball, tuned as for networks", [1 / 25, (1 - 0.5 / ROOT) ** 2, 0]],
    nesterov: ["nesterov", "Nesterov", [1 / 25, (ROOT - 1) / (ROOT + 1), (ROOT - 1) / (ROOT + 1)]],
    descent: ["gradient descent", "Gradient descent", [1 / 25, 0, 0]],
  };
  const { words } = rootkappa;

  const slope = (x) => (x < 1 ? 25 * x : x < 2 ? x + 24 : 25 * x - 24);

  /** The evaluation points y_0 to y_T from a start at rest. */
  function visit([eta, beta, gamma], start, steps) {
    const found = [];
    let before = start, now = start;
    for (let t = 0; t <= steps; t++) {
      const velocity = now - before, point = now + gamma * velocity;
      found.push(point);
      [before, now] = [now, now + beta * velocity - eta * slope(point)];
    }
    return found;
  }

  const arrives = (path) => Math.abs(path[path.length - 1]) < 1e-3;
  const basins = {};

  /** Whether runs from evenly placed starts arrive; computed once for each method. */
  function basin(name) {
    basins[name] ??= Array.from({ length: STARTS }, (_, i) => {
      const start = FAR * ((2 * i) / (STARTS - 1) - 1);
      return [start, arrives(visit(METHODS[name][2], start, STEPS))];
    });
    return basins[name];
  }

  function plane(path, look) {
    const pairs = path.slice(0, -1).map((x, t) => [x, path[t + 1]]);
    const axis = { min: -5.5, max: 5.5, ticks: [-4, -2, 0, 2, 4] };
    return {
      x: { ...axis, label: "here, x at t" },
      y: { ...axis, label: "next, x at t + 1" },
      title: "from each point to the next",
      square: true,
      share: 0.45,
      marks: [
        { line: [[-5.5, -5.5], [5.5, 5.5]], thick: 0.7, dash: "2 3" },
        { line: pairs.slice(0, SHOWN), look, thick: 0.7, dash: "0" },
        { dots: pairs.slice(0, SHOWN), look, size: 3, faint: true },
        { dots: pairs.slice(-3), look, size: 6 },
      ],
    };
  }

  function time(path, look) {
    const points = path.slice(0, SHOWN + 1).map((x, t) => [t, x]);
    return {
      x: { label: "step t", min: 0, max: SHOWN },
      y: { label: "x", min: -5.5, max: 5.5, ticks: [-4, -2, 0, 2, 4] },
      title: "in time",
      share: 0.55,
      marks: [
        { rule: { y: 0 } },
        { line: points, look, thick: 0.7, dash: "0" },
        { dots: points, look, size: 3.5 },
      ],
    };
  }

  function starts(name, start) {
    const [look] = METHODS[name];
    const lost = basin(name).filter(([, arrived]) => !arrived);
    const found = basin(name).filter(([, arrived]) => arrived);
    return {
      x: { label: "start x₀", min: -FAR, max: FAR },
      y: { label: "", min: 0, max: 3, ticks: [1, 2], words: (value) => (value > 1 ? "at 0" : "never") },
      title: "where a run from here ends",
      height: 70,
      marks: [
        { rule: { x: start } },
        { dots: found.map(([x]) => [x, 2]), size: 1.6 },
        { dots: lost.map(([x]) => [x, 1]), look, size: 1.6 },
        { dots: [[start, arrives(visit(METHODS[name][2], start, STEPS)) ? 2 : 1]], look, size: 6 },
      ],
    };
  }

  function sentence(name, start, path) {
    const [, label] = METHODS[name];
    const lost = basin(name).filter(([, arrived]) => !arrived).length;
    const ends = path.slice(-3).sort((a, b) => a - b);
    const there = path.findIndex((_, t) => path.slice(t).every((x) => Math.abs(x) < 1e-3));
    const fate = arrives(path)
      ? `arrives at the minimum, 0, in ${there} steps`
      : `never arrives: it goes round through ${ends.map((x) => words(x)).join(", ")}`;
    const all = `${STARTS} starts between −5 and 5`;
    const others = lost ? `Of ${all}, ${lost} never arrive.` : `So do all of ${all}.`;
    return `${label}, started at ${words(start)}, ${fate}. ${others}`;
  }

  rootkappa.figure("cycle", {
    controls: [
      { name: "start", label: "start x₀", min: -FAR, max: FAR, step: 0.05, start: 3.3 },
      {
        name: "method",
        label: "method",
        options: Object.entries(METHODS).map(([name, [, label]]) => [name, label]),
        start: "polyak",
      },
    ],
    visit: (name, start, steps) => visit(METHODS[name][2], start, steps),
    basin,
    show({ start, method }) {
      const path = visit(METHODS[method][2], start, STEPS), [look] = METHODS[method];
      return {
        panels: [plane(path, look), time(path, look), starts(method, start)],
        says: sentence(method, start, path),
      };
    },
  });
}
