// How wide is wide: networks of growing width beside their frozen kernel, the window of that kernel,
// and the width that the theorem asks for.
"use strict";

{
  const { words } = rootkappa;
  const power = (hundredths) => 10 ** (hundredths / 100);

  const at = (width, { widths }) => widths.find((one) => one.width === width);

  function runs(one, { every, bound }) {
    const line = (values) => values.map((value, i) => [i * every, power(value)]);
    const last = (bound.length - 1) * every;
    return {
      x: { label: "step t", min: 0, max: last },
      y: { label: "residual over its start", min: 1e-8, max: 1e3, log: true },
      title: `width ${words(one.width)}, Nesterov`,
      marks: [
        { line: line(bound), thick: 1.4, dash: "8 3" },
        { text: "the theorem", at: [last * 0.98, 3], anchor: "end" },
        { line: line(one.frozen), look: "5", thick: 1.2, dash: "0" },
        { text: "frozen kernel", at: [last * 0.03, 3e-7] },
        { dots: line(one.run).filter((_, i) => i % 2 === 0), look: "nesterov", size: 3.5 },
        { line: line(one.slowest), look: "nesterov", thick: 1 },
        { text: "networks: median, and the slowest", at: [last * 0.03, 3e-8], look: "nesterov" },
      ],
    };
  }

  function windows(one, { widths, window, asked }) {
    const line = (end) => widths.map((each) => [each.width, each.start[end]]);
    const marks = window.map((y) => ({ rule: { y } }));
    marks.push({ rule: { x: one.width } }, { rule: { x: asked }, look: "2" });
    for (const end of [0, 1]) {
      marks.push({ line: line(end), look: "0" });
      marks.push({ dots: [[one.width, one.start[end]]], look: "0", size: 6 });
    }
    marks.push({ text: "the proof's window", at: [1e6, window[1] * 1.12], anchor: "middle" });
    marks.push({ text: "asked for", at: [asked / 2, 4.5], look: "2", anchor: "end" });
    return {
      x: { label: "width", min: 10, max: 10 ** Math.ceil(Math.log10(asked) + 0.5), log: true },
      y: { label: "kernel over its mean", min: 0.05, max: 8, log: true },
      title: "least and largest eigenvalue",
      marks,
    };
  }

  function sentence(one, { draws: most, window, asked }) {
    const draws = one.draws ?? most;
    const [low, high] = one.start, inside = low >= window[0] && high <= window[1];
    const far = words(100 * one.gap[1], 2);
    return (
      `At width ${words(one.width, 9)} a run departs from its frozen kernel by at most ${far} % ` +
      `of the start, in the median of ${draws} draws. The kernels lie between ${words(low)} and ${words(high)} of their mean, ` +
      `${inside ? "inside" : "not inside"} the proof's window. ` +
      `${one.held === draws ? "All" : one.held} of ${draws} runs stay below the theorem's line; it asks for a width of about ${words(asked, 2)}, times a constant.`
    );
  }

  rootkappa.figure("howwide", {
    controls: ({ widths }) => [
      { name: "width", label: "width", stops: widths.map(({ width }) => width), start: 16 },
    ],
    show({ width }, data) {
      const one = at(width, data);
      return { panels: [runs(one, data), windows(one, data)], says: sentence(one, data) };
    },
  });
}
