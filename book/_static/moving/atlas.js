// The atlas: steps over the plane of step size and momentum, as the kernel of the start forecasts
// them and as networks took them; a place on it is read out.
"use strict";

{
  const LABELS = { heavy_ball: "heavy ball", nesterov: "Nesterov" };

  // eta lambda_max and beta of the papers' tunings at kappa = 25.
  const PAPERS = { heavy_ball: [1, 0.9 ** 2], nesterov: [0.5, 13 / 17] };
  const FAST = 16, SLOW = 1024;
  const { words } = rootkappa;

  const slug = (name) => name.replace(/\W+/g, "-");

  /** Steps to the accuracy that a letter stands for; infinite where the residual grows. */
  function steps(letter, { letters, least, ratio, accuracy }) {
    const level = letters.indexOf(letter);
    return level < 0 ? Infinity : -Math.log(accuracy) / (least * ratio ** level);
  }

  const nearest = (axis, value) =>
    axis.reduce((best, each, i) => (Math.abs(each - value) < Math.abs(axis[best] - value) ? i : best), 0);

  /** Where a number stands on an axis whose values are evenly drawn. */
  function place(axis, value) {
    const above = axis.findIndex((each) => each >= value);
    if (above <= 0) return above < 0 ? axis.length : 0.5;
    return above - 0.5 + (value - axis[above - 1]) / (axis[above] - axis[above - 1]);
  }

  /** What stands at a state: the point of the grid, and steps as forecast and as measured. */
  function read({ network, family, step, beta }, data) {
    const plane = data.planes.find(({ name }) => slug(name) === network);
    const axis = data.step_sizes[family];
    const [column, row] = [nearest(axis, step), nearest(data.momenta, beta)];
    const [measured, forecast] = plane[family].map((word) => steps(word[row * axis.length + column], data));
    return { plane, axis, column, row, step: axis[column], beta: data.momenta[row], measured, forecast };
  }

  const limit = (family, beta) => (2 + 2 * beta) / (1 + (family === "nesterov" ? 2 * beta : 0));

  function map(word, title, furthest, family, at, data) {
    const { axis, column, row } = at, momenta = data.momenta;
    const cells = [...word].map((letter, i) => {
      const [x, y] = [i % axis.length, Math.floor(i / axis.length)], count = steps(letter, data);
      return count > furthest ? null : [x, y, x + 1, y + 1, shade(count)];
    });
    const edge = momenta.map((beta, y) => [place(axis, limit(family, beta)), y + 0.5]);
    const [paper, momentum] = PAPERS[family];
    return {
      x: { label: "step size, ηλₘₐₓ", min: 0, max: axis.length, ...ticks(axis, [0.5, 1, 2, 4]) },
      y: { label: "momentum β", min: 0, max: momenta.length, ...ticks(momenta, [0, 0.3, 0.6, 0.75, 0.9]) },
      title,
      marks: [
        { cells: cells.filter(Boolean) },
        { line: [[edge[0][0], 0], ...edge, [edge[edge.length - 1][0], momenta.length]], thick: 1.4 },
        { dots: [[place(axis, paper), place(momenta, momentum)]], marker: "D", size: 4, hollow: true },
        { line: ring(column + 0.5, row + 0.5), look: "2", thick: 2.5, dash: "0" },
      ],
    };
  }

  const ring = (x, y) => [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([u, v]) => [x + u / 2, y + v / 2]);

  function ticks(axis, some) {
    const found = some.filter((value) => axis.includes(value)).map((value) => axis.indexOf(value) + 0.5);
    return { ticks: found, words: (at) => words(axis[at - 0.5]) };
  }

  const shade = (count) => Math.max(0, Math.min(1, Math.log(count / FAST) / Math.log(SLOW / FAST)));

  function scale() {
    const ends = Array.from({ length: 49 }, (_, i) => FAST * (SLOW / FAST) ** (i / 48));
    return {
      x: { label: "steps to 10⁻⁴", min: FAST, max: SLOW, log: true, ticks: [16, 64, 256, 1024], words: String },
      y: { label: "", min: 0, max: 1, ticks: [] },
      height: 12,
      marks: [{ cells: ends.slice(1).map((end, i) => [ends[i], 0, end, 1, shade(end)]) }],
    };
  }

  function sentence(family, at, { steps: most }) {
    const about = (count) => (count > 1000 ? "more than 1,000 steps" : `about ${words(count, 2)} steps`);
    const stable = at.step < limit(family, at.beta);
    const told = stable ? `says ${about(at.forecast)}` : "says that it diverges";
    const late = at.measured < Infinity ? `were not there after ${most} steps` : "diverged";
    const done = at.measured <= most ? `took ${about(at.measured)}` : late;
    const name = at.plane.name[0].toUpperCase() + at.plane.name.slice(1);
    return (
      `${name}; ${LABELS[family]} at ηλₘₐₓ = ${at.step} and β = ${at.beta}: ` +
      `the kernel of the start ${told}, and the networks ${done}, in the median of ${at.plane.draws} draws.`
    );
  }

  rootkappa.figure("atlas", {
    controls: ({ planes }) => [
      {
        name: "network",
        label: "network",
        options: planes.map(({ name }) => [slug(name), name]),
        start: "deep-linear-made-width-1024",
      },
      { name: "family", label: "method", options: Object.entries(LABELS), start: "heavy_ball" },
      { name: "step", label: "step size ηλₘₐₓ", min: 0.1, max: 6, step: 0.05, start: 1 },
      { name: "beta", label: "momentum β", min: 0, max: 0.95, step: 0.05, start: 0.8 },
    ],
    read: (state, data) => {
      const { step, beta, measured, forecast } = read(state, data);
      return { step, beta, measured, forecast };
    },
    show(state, data) {
      const at = read(state, data), [measured, forecast] = at.plane[state.family];
      return {
        panels: [
          map(forecast, "what the kernel of the start says", SLOW * 4, state.family, at, data),
          map(measured, "what the networks did", data.steps, state.family, at, data),
          scale(),
        ],
        says: sentence(state.family, at, data),
      };
    },
  });
}
