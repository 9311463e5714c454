// Slack: tuned for one least eigenvalue, met with another. Heavy ball has room, Nesterov hardly any.
"use strict";

{
  const NAMES = ["heavy ball", "nesterov"];
  // What the theorems on networks promise, of (1 - radius) sqrt(kappa).
  const PROMISED = { "heavy ball": 1 / 4, nesterov: 1 / 2 };
  const { words, modes } = rootkappa;

  /** (1 - radius) sqrt(kappa) where the least eigenvalue is the share c of the one tuned for. */
  const rate = (name, kappa, share) =>
    (1 - modes.radius(modes.tunings[name](kappa), share / kappa)) * Math.sqrt(kappa);

  function rates(share, { kappa, what, runs }) {
    const fine = Array.from({ length: 133 }, (_, i) => 0.03 + i / 100);
    const marks = [{ rule: { x: 1 } }, { rule: { x: share } }];
    for (const look of NAMES) {
      marks.push({ line: [[0, PROMISED[look]], [1.35, PROMISED[look]]], look, thick: 0.8, dash: "2 3" });
      marks.push({ line: fine.map((c) => [c, rate(look, kappa, c)]), look });
      marks.push({ dots: runs[look], look, hollow: true });
      marks.push({ dots: [[share, rate(look, kappa, share)]], look, size: 6 });
    }
    marks.push({ text: "heavy ball", at: [0.42, 0.53], look: "heavy ball" });
    marks.push({ text: "Nesterov", at: [1.33, 0.71], look: "nesterov", anchor: "end" });
    marks.push({ text: "promised", at: [1.33, 0.27], look: "heavy ball", anchor: "end" });
    marks.push({ text: "promised", at: [0.03, 0.52], look: "nesterov" });
    return {
      x: { label: "least eigenvalue met, over the one tuned for", min: 0, max: 1.35 },
      y: { label: "(1 − ρ) √κ", min: 0, max: 0.78 },
      title: `rates; hollow marks: ${what}`,
      marks,
    };
  }

  function traces(share, { kappa }) {
    const steps = Math.round(24 * Math.sqrt(kappa));
    const marks = NAMES.map((look) => {
      const path = modes.trace(modes.tunings[look](kappa), share / kappa, steps);
      return { line: path.map((value, t) => [t, Math.max(Math.abs(value), 1e-9)]), look };
    });
    return {
      x: { label: "step t", min: 0, max: steps },
      y: { label: "size of the slowest mode", min: 1e-6, max: 2, log: true },
      title: `κ = ${kappa}`,
      marks,
    };
  }

  function sentence(share, { kappa }) {
    const kept = NAMES.map((name) => (100 * rate(name, kappa, share)) / rate(name, kappa, 1));
    const holds = NAMES.map((name) => rate(name, kappa, share) >= PROMISED[name]);
    const fast = ["Heavy ball", "Nesterov"].filter((_, i) => holds[i]);
    const promise = fast.length === 1 ? `${fast[0]} is` : fast.length ? "Both are" : "Neither is";
    return (
      `The least eigenvalue is ${words(share)} of the one tuned for. ` +
      `Heavy ball has ${words(kept[0])} % of its rate, Nesterov ${words(kept[1])} %. ${promise} as fast as the theorems promise.`
    );
  }

  rootkappa.figure("slack", {
    controls: [{ name: "share", label: "λ met over λ tuned for", min: 0.05, max: 1.3, step: 0.01, start: 0.8 }],
    rate,
    show({ share }, data) {
      return { panels: [rates(share, data), traces(share, data)], says: sentence(share, data) };
    },
  });
}
