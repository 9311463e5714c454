// The race: a quadratic of condition number kappa, three methods from the same start, and how many
// steps each needs to a millionth of it; beside them the networks that the front page trains.
"use strict";

{
  const MODES = 12, TARGET = 1e-6;
  const LAWS = {
    "gradient descent": (kappa) => kappa,
    "heavy ball": (kappa) => 2 * Math.sqrt(kappa),
    nesterov: (kappa) => 1.5 * Math.sqrt(kappa),
  };
  const { words, modes } = rootkappa;
  const last = (path) => path[path.length - 1];
  const count = (path) => last(path)[0];

  /** Norms of the residual over the start until it is below a millionth, as [step, norm]. */
  function race(name, kappa) {
    const spectrum = modes.even(kappa, MODES), method = modes.tunings[name](kappa);
    return method[1] === 0 ? descent(method[0], spectrum) : momentum(method, spectrum);
  }

  function norm(parts) {
    return Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0) / parts.length);
  }

  // Gradient descent is monotone and slow: its last step is bisected, its curve sampled.
  function descent(eta, spectrum) {
    const at = (t) => norm(spectrum.map((lambda) => (1 - eta * lambda) ** t));
    let low = 0, high = 1;
    while (at(high) >= TARGET) high *= 2;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(middle) < TARGET) high = middle;
      else low = middle;
    }
    const sampled = Array.from({ length: 121 }, (_, i) => Math.round((high * i) / 120));
    return [...new Set(sampled)].map((t) => [t, at(t)]);
  }

  function momentum([eta, beta, gamma], spectrum) {
    let before = spectrum.map(() => 1), now = spectrum.map((value) => 1 - (1 + gamma) * eta * value);
    const found = [[0, 1]];
    const trace = spectrum.map((value) => 1 + beta - (1 + gamma) * eta * value);
    const determinant = spectrum.map((value) => beta - gamma * eta * value);
    while (last(found)[1] >= TARGET) {
      found.push([found.length, norm(now)]);
      const next = now.map((value, i) => trace[i] * value - determinant[i] * before[i]);
      [before, now] = [now, next];
    }
    return found;
  }

  function sparse(path) {
    const every = Math.ceil(path.length / 240);
    return path.filter((_, i) => i % every === 0 || i === path.length - 1);
  }

  /** The measured networks whose condition number is nearest, in the logarithm. */
  function near(networks, kappa, most = 1.6) {
    const far = (network) => Math.abs(Math.log(network.kappa / kappa));
    return networks.filter((network) => far(network) < Math.log(most)).sort((a, b) => far(a) - far(b));
  }

  function curves(kappa, paths) {
    const marks = Object.entries(paths).map(([look, path]) => ({ line: sparse(path), look }));
    for (const [look, path] of Object.entries(paths))
      marks.push({ dots: [[count(path), TARGET]], look, size: 5 });
    return {
      x: { label: "step", min: 0, max: Math.max(20, 1.04 * count(paths["gradient descent"])) },
      y: { label: "residual over its start", min: TARGET / 3, max: 2, log: true },
      title: `a quadratic with κ = ${words(kappa)}`,
      marks,
    };
  }

  function laws(kappa, paths, networks) {
    const ends = Array.from({ length: 41 }, (_, i) => 10 ** (i / 10));
    const close = near(networks, kappa);
    const marks = [{ rule: { x: kappa } }];
    for (const [look, law] of Object.entries(LAWS)) {
      marks.push({ line: ends.map((k) => [k, Math.log(1 / TARGET) * law(k)]), look, thick: 1.2 });
      for (const network of networks) {
        const hollow = !close.includes(network);
        marks.push({ dots: [[network.kappa, network.steps[look]]], look, hollow, faint: hollow });
      }
      marks.push({ dots: [[kappa, count(paths[look])]], look, size: 6.5 });
    }
    marks.push({ text: "gradient descent", at: [42, 4e3], look: "gradient descent", anchor: "end" });
    marks.push({ text: "heavy ball", at: [600, 1.6e3], look: "heavy ball", anchor: "middle" });
    marks.push({ text: "Nesterov", at: [900, 230], look: "nesterov", anchor: "start" });
    return {
      x: { label: "condition number κ", min: 1, max: 1e4, log: true },
      y: { label: "steps to a millionth", min: 5, max: 3e5, log: true },
      title: "steps needed; small marks: networks",
      marks,
    };
  }

  function sentence(kappa, paths, networks) {
    const [gd, hb, nag] = Object.keys(LAWS).map((name) => count(paths[name]));
    const pays =
      gd > 1.5 * nag
        ? `${words(gd / hb, 2)} and ${words(gd / nag, 2)} times fewer`
        : "so near 1 momentum does not pay";
    const said =
      `At κ = ${words(kappa)} gradient descent needs ${words(gd, 6)} steps, heavy ball ${words(hb, 6)} and ` +
      `Nesterov ${words(nag, 6)}: ${pays}.`;
    const [closest] = near(networks, kappa);
    if (!closest) return `${said} No network of the figure is near.`;
    const steps = Object.keys(LAWS).map((name) => words(closest.steps[name], 3));
    return (
      `${said} The nearest network, ${closest.kind} at κ = ${words(closest.kappa)}, took ` +
      `${steps[0]}, ${steps[1]} and ${steps[2]}.`
    );
  }

  rootkappa.figure("race", {
    controls: [{ name: "kappa", label: "condition number κ", min: 1, max: 1e4, log: true, start: 100 }],
    race,
    show({ kappa }, { networks }) {
      const paths = Object.fromEntries(Object.keys(LAWS).map((name) => [name, race(name, kappa)]));
      return {
        panels: [curves(kappa, paths), laws(kappa, paths, networks)],
        says: sentence(kappa, paths, networks),
      };
    },
  });
}
