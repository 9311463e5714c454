// Figures that move: sliders, a plot that follows them, a sentence that says what is seen.
//
// A figure is a file that calls rootkappa.figure(name, {controls, show}). `show(state, data)` is
// pure: it gives panels of marks and the sentence, so that it is tested without a browser. Here
// they become SVG, range inputs, a live sentence and a state in the address. Without this script
// the page keeps the figure that stands before.
"use strict";

const rootkappa = { figures: {} };

rootkappa.figure = (name, figure) => {
  rootkappa.figures[name] = figure;
  if (typeof document === "undefined") return;
  for (const place of document.querySelectorAll(`[data-figure="${name}"]`))
    rootkappa.mount(place, name, figure);
};

// ---- numbers ------------------------------------------------------------------------------

rootkappa.round = (value, digits = 3) => Number(value.toPrecision(digits));

/** A number in words of the page: 1,380 or 0.0123 or 3·10⁶. */
rootkappa.words = (value, digits = 3) => {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "–";
  const rounded = rootkappa.round(value, digits), size = Math.abs(rounded);
  if (size >= 1e6 || (size < 1e-3 && size > 0)) {
    const power = Math.floor(Math.log10(size));
    const front = rootkappa.round(rounded / 10 ** power, digits);
    return (front === 1 ? "" : `${front}·`) + `10${rootkappa.raised(power)}`;
  }
  const [whole, rest] = String(rounded).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
  return rest ? `${grouped}.${rest}` : grouped;
};

rootkappa.raised = (power) =>
  [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("");

/** Where ticks stand between two ends: decades, or steps of 1, 2 or 5. */
rootkappa.ticks = ({ min, max, log, ticks }, most) => {
  if (ticks) return ticks;
  const step = log ? Math.ceil((Math.log10(max) - Math.log10(min)) / most) : nice((max - min) / most);
  const [low, high] = log ? [Math.log10(min), Math.log10(max)] : [min / step, max / step];
  const every = log ? Math.max(1, step) : 1;
  const found = [];
  for (let i = Math.ceil(low / every - 1e-9); i <= high / every + 1e-9; i++)
    found.push(log ? 10 ** (i * every) : rootkappa.round(i * step, 12));
  return found;
};

function nice(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((front) => front * power >= rough) ?? 10);
}

// ---- state --------------------------------------------------------------------------------

/** The controls of a figure, which may depend on its data. */
rootkappa.controls = ({ controls }, data) =>
  typeof controls === "function" ? controls(data) : controls;

rootkappa.initial = (controls) =>
  Object.fromEntries(controls.map((control) => [control.name, control.start]));

/** A value for a control as it may stand in an address; what cannot be is its start. */
rootkappa.read = (control, text) => {
  if (control.options)
    return control.options.some(([value]) => value === text) ? text : control.start;
  const value = Number(text);
  if (control.stops) return control.stops.includes(value) && text !== "" ? value : control.start;
  const inside = text !== null && text.trim() !== "" && value >= control.min && value <= control.max;
  return inside ? value : control.start;
};

/** Sliders move evenly in the logarithm if asked to, or from stop to stop. */
rootkappa.fromSlider = ({ log, stops }, at) =>
  stops ? stops[at] : log ? rootkappa.round(10 ** at) : rootkappa.round(at, 12);

rootkappa.toSlider = ({ log, stops }, value) =>
  stops ? stops.indexOf(value) : log ? Math.log10(value) : value;

function readAddress(name, controls) {
  const asked = new URLSearchParams(location.search);
  const given = controls.map((control) => [
    control.name,
    rootkappa.read(control, asked.get(`${name}.${control.name}`)),
  ]);
  return Object.fromEntries(given);
}

function writeAddress(name, controls, state) {
  const asked = new URLSearchParams(location.search);
  for (const control of controls) {
    const key = `${name}.${control.name}`;
    if (state[control.name] === control.start) asked.delete(key);
    else asked.set(key, state[control.name]);
  }
  const query = asked.toString();
  // A page from the disk may not change its address, and works without.
  try {
    history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
  } catch { /* the state then stays out of the address */ }
}

// ---- the page -----------------------------------------------------------------------------

rootkappa.mount = (place, name, figure) => {
  const { looks, alt, data } = JSON.parse(place.querySelector("script").textContent);
  const controls = rootkappa.controls(figure, data);
  let state = readAddress(name, controls);
  const plot = element("div", { class: "rk-plot" });
  const says = element("p", { class: "rk-says", role: "status", "aria-live": "polite" });
  const rows = controls.map((control) => row(name, control, change));
  const buttons = [...(figure.presets ?? []), { label: "reset", state: rootkappa.initial(controls) }];
  let written = 0, asked = 0;

  function change(part) {
    state = { ...state, ...part };
    clearTimeout(written);
    // Browsers refuse an address that changes at every pixel.
    written = setTimeout(() => writeAddress(name, controls, state), 150);
    asked ||= requestAnimationFrame(redraw);
  }

  function redraw() {
    asked = 0;
    const begun = performance.now();
    const shown = figure.show(state, data);
    const width = plot.clientWidth || 640;
    plot.innerHTML = rootkappa.drawing(shown.panels, width, looks, alt);
    if (says.textContent !== shown.says) says.textContent = shown.says;
    rows.forEach(({ put }, index) => put(state[controls[index].name]));
    performance.measure(`rk-${name}`, { start: begun, end: performance.now() });
  }

  const table = element("div", { class: "rk-controls" });
  table.append(...rows.map(({ line }) => line), line(buttons, change));
  place.append(plot, table, says);
  place.classList.add("rk-live");
  new ResizeObserver(() => (asked ||= requestAnimationFrame(redraw))).observe(place);
  redraw();
};

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function row(name, control, change) {
  const id = `rk-${name}-${control.name}`;
  const line = element("div", { class: "rk-row" });
  line.append(element("label", { for: id }, control.label));
  return control.options ? choice(line, id, control, change) : slider(line, id, control, change);
}

function choice(line, id, control, change) {
  const select = element("select", { id });
  select.append(...control.options.map(([value, label]) => new Option(label, value)));
  select.addEventListener("change", () => change({ [control.name]: select.value }));
  line.append(select);
  return { line, put: (value) => (select.value = value) };
}

function slider(line, id, control, change) {
  const ends = control.stops ?? [control.min, control.max];
  const [min, max] = [ends[0], ends[ends.length - 1]].map((end) => rootkappa.toSlider(control, end));
  const step = control.stops ? 1 : control.log ? (max - min) / 200 : control.step;
  const input = element("input", { id, type: "range", min, max, step });
  const output = element("output", { for: id });
  input.addEventListener("input", () =>
    change({ [control.name]: rootkappa.fromSlider(control, Number(input.value)) })
  );
  line.append(input, output);
  const put = (value) => {
    // The slider under the hand keeps its place: its value was rounded.
    if (rootkappa.fromSlider(control, Number(input.value)) !== value)
      input.value = rootkappa.toSlider(control, value);
    output.textContent = rootkappa.words(value);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  return { line, put };
}

function line(buttons, change) {
  const made = element("div", { class: "rk-buttons" });
  for (const { label, state } of buttons) {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", () => change(state));
    made.append(button);
  }
  return made;
}
