// Draws the icons of a page, of which ICONS holds [width, height, path] by name.
"use strict";
(() => {
  const ICONS = {};
  const style = document.createElement("style");
  style.textContent =
    ".svg-inline--fa{display:inline-block;height:1em;overflow:visible;vertical-align:-.125em}" +
    ".svg-inline--fa.fa-lg{font-size:1.25em;line-height:.05em;vertical-align:-.075em}";
  document.head.append(style);

  const draw = (place) => {
    const name = [...place.classList].map((word) => word.slice(3)).find((word) => word in ICONS);
    if (!name) return;
    const [width, height, path] = ICONS[name];
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const { name: key, value } of place.attributes) icon.setAttribute(key, value);
    icon.classList.add("svg-inline--fa");
    icon.setAttribute("viewBox", `0 0 ${width} ${height}`);
    icon.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("fill", "currentColor");
    shape.setAttribute("d", path);
    icon.append(shape);
    place.replaceWith(icon);
  };
  const drawAll = () => document.querySelectorAll("i[class*='fa-']").forEach(draw);
  drawAll();
  document.addEventListener("DOMContentLoaded", drawAll);
})();
