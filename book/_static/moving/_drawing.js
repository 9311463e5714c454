// Panels of marks as SVG text: axes, lines, dots, cells, rules and words.
//
// A panel is {title, x, y, marks, square, height, share}; an axis {label, min, max, log, ticks,
// words}. A mark is one of
//   {line: [[x, y], ...]}   {dots: [[x, y], ...]}   {cells: [[x0, y0, x1, y1, share of the scale], ...]}
//   {rule: {x} or {y}}      {band: [x0, x1]}        {text, at: [x, y], anchor}
// with a look: the name of a method, a number for what is no method, or nothing for ink.
"use strict";

{
  const SIZE = 13; // of letters, in pixels of the screen: the drawing is made for its width
  const BESIDE = 560; // from this width on, panels stand beside each other
  const SQUARE = 230; // a square panel is no wider: on a phone the sliders must be in sight
  const GAP = 18;

  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const short = (value) => Math.round(value * 10) / 10;

  rootkappa.drawing = (panels, width, looks, alt) => {
    let below = 0, drawn = "";
    for (const row of rows(panels, width >= BESIDE ? 2 : 1)) {
      const room = width - GAP * (row.length - 1);
      const shares = row.map((panel) => (row.length > 1 && panel.share) || 1 / row.length);
      let left = 0, height = 0;
      row.forEach((panel, index) => {
        const made = one(panel, shares[index] * room, looks);
        drawn += `<g transform="translate(${short(left)} ${short(below)})">${made.svg}</g>`;
        left += shares[index] * room + GAP;
        height = Math.max(height, made.height);
      });
      below += height + GAP;
    }
    const size = `width="${width}" height="${short(below - GAP)}" viewBox="0 0 ${width} ${short(below - GAP)}"`;
    return `<svg role="img" aria-label="${escape(alt)}" ${size} font-size="${SIZE}">${drawn}</svg>`;
  };

  function rows(panels, beside) {
    const found = [];
    for (let i = 0; i < panels.length; i += beside) found.push(panels.slice(i, i + beside));
    return found;
  }

  function one(panel, width, looks) {
    const names = rootkappa.ticks(panel.y, 5).map((value) => name(panel.y, value));
    const letters = Math.max(0, ...names.map((text) => [...text].length));
    const box = { left: 26 + 7.5 * letters, top: panel.title ? 26 : 10, right: width - 12 };
    if (panel.square) box.right = Math.min(box.right, box.left + SQUARE);
    const inner = box.right - box.left;
    box.bottom = box.top + (panel.height ?? (panel.square ? inner : Math.min(240, Math.max(165, 0.6 * inner))));
    const x = scale(panel.x, box.left, box.right);
    const y = scale(panel.y, box.bottom, box.top);
    const marks = panel.marks.map((mark) => draw(mark, x, y, box, looks));
    const [inside, over] = [0, 1].map((layer) => marks.map((parts) => parts[layer]).join(""));
    const title = panel.title ? `<text x="${box.left}" y="14">${escape(panel.title)}</text>` : "";
    const svg =
      axes(panel, x, y, box) + title +
      `<svg x="${short(box.left)}" y="${short(box.top)}" width="${short(inner)}" ` +
      `height="${short(box.bottom - box.top)}" overflow="hidden">` +
      `<g transform="translate(${-short(box.left)} ${-short(box.top)})">${inside}</g></svg>` + over;
    return { svg, height: box.bottom + 42 };
  }

  function scale({ min, max, log }, from, to) {
    const [low, high] = log ? [Math.log(min), Math.log(max)] : [min, max];
    return (value) => {
      const at = (log ? Math.log(Math.max(value, 1e-300)) : value) - low;
      // Far outside is as good as just outside, and keeps numbers short.
      return short(from + (to - from) * Math.max(-3, Math.min(4, at / (high - low))));
    };
  }

  function name(axis, value) {
    if (axis.words) return axis.words(value);
    const power = Math.round(Math.log10(value));
    return axis.log && (value > 999 || value < 0.009) ? `10${rootkappa.raised(power)}` : rootkappa.words(value);
  }

  function axes({ x: along, y: up }, x, y, box) {
    const room = (box.right - box.left) / 62;
    let drawn = `<path class="rk-axis" d="M${box.left} ${box.top}V${box.bottom}H${box.right}"/>`;
    for (const value of rootkappa.ticks(along, Math.max(2, Math.floor(room))))
      drawn +=
        `<path class="rk-axis" d="M${x(value)} ${box.bottom}v4"/>` +
        `<text x="${x(value)}" y="${box.bottom + 18}" text-anchor="middle">${escape(name(along, value))}</text>`;
    for (const value of rootkappa.ticks(up, 5))
      drawn +=
        `<path class="rk-axis" d="M${box.left} ${y(value)}h-4"/>` +
        `<text x="${box.left - 7}" y="${y(value) + 4}" text-anchor="end">${escape(name(up, value))}</text>`;
    const middle = short((box.top + box.bottom) / 2);
    return (
      drawn +
      `<text x="${short((box.left + box.right) / 2)}" y="${box.bottom + 36}" text-anchor="middle">` +
      `${escape(along.label)}</text>` +
      `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escape(up.label)}</text>`
    );
  }

  /** What is clipped to the axes, and what may reach beyond them. */
  function draw(mark, x, y, box, looks) {
    const look = looks[mark.look] ?? { color: "#000000", dash: "", marker: "o" };
    const colour = `"${look.color}"`, faint = mark.faint ? ' opacity="0.35"' : "";
    if (mark.line) {
      const dash = mark.dash ?? look.dash;
      const path = mark.line.filter(([, v]) => !Number.isNaN(v)).map(([u, v]) => `${x(u)} ${y(v)}`).join("L");
      const dashes = dash ? ` stroke-dasharray="${dash}"` : "";
      const style = `stroke=${colour} stroke-width="${mark.thick ?? 1.8}"${dashes}`;
      return [path && `<path fill="none" ${style}${faint} d="M${path}"/>`, ""];
    }
    if (mark.dots) {
      const size = mark.size ?? 4.5, fill = mark.hollow ? '"none"' : colour;
      const path = mark.dots.map(([u, v]) => shape(mark.marker ?? look.marker, x(u), y(v), size)).join("");
      return ["", `<path fill=${fill} stroke=${colour} stroke-width="1.3"${faint} d="${path}"/>`];
    }
    if (mark.cells) return [mosaic(mark.cells, x, y, looks.map.colors), ""];
    if (mark.band) {
      const [from, to] = mark.band.map(x);
      return [`<path class="rk-band" d="M${from} ${box.top}H${to}V${box.bottom}H${from}z"/>`, ""];
    }
    if (mark.rule) {
      const { x: at, y: high } = mark.rule;
      const path = at === undefined ? `M${box.left} ${y(high)}H${box.right}` : `M${x(at)} ${box.top}V${box.bottom}`;
      return [`<path class="rk-rule" stroke=${colour} d="${path}"/>`, ""];
    }
    const [u, v] = mark.at;
    const anchor = mark.anchor ? ` text-anchor="${mark.anchor}"` : "";
    const place = `${anchor} x="${x(u)}" y="${y(v)}"`;
    return ["", `<text class="rk-word" fill=${colour}${place}>${escape(mark.text)}</text>`];
  }

  /** Cells of one colour are one path: hundreds of elements would take longer than a frame. */
  function mosaic(cells, x, y, colours) {
    const paths = new Map();
    for (const [x0, y0, x1, y1, share] of cells) {
      const colour = between(colours, share);
      const path = `M${x(x0)} ${y(y0)}H${x(x1)}V${y(y1)}H${x(x0)}z`;
      paths.set(colour, (paths.get(colour) ?? "") + path);
    }
    const drawn = [...paths].map(
      ([colour, path]) => `<path fill="${colour}" stroke="${colour}" stroke-width="0.5" d="${path}"/>`
    );
    return drawn.join("");
  }

  /** A colour at a share from 0 to 1 of a scale. */
  function between(colours, share) {
    const at = Math.min(share * (colours.length - 1), colours.length - 1.001), from = Math.floor(at);
    const parts = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    const [low, high] = [colours[from], colours[from + 1]].map(parts);
    return `rgb(${low.map((part, i) => Math.round(part + (at - from) * (high[i] - part))).join(" ")})`;
  }

  function shape(marker, x, y, r) {
    const at = (points) => `M${points.map(([u, v]) => `${short(x + r * u)} ${short(y + r * v)}`).join("L")}z`;
    if (marker === "s") return at([[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]]);
    if (marker === "^") return at([[0, -1.1], [1, 0.8], [-1, 0.8]]);
    if (marker === "v") return at([[0, 1.1], [1, -0.8], [-1, -0.8]]);
    if (marker === "D") return at([[0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]]);
    if (marker === "x") return `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`;
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}
