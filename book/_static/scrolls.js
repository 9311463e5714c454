// What scrolls sideways fades at the edge beyond which it goes on, and is a stop of the tab key.
"use strict";
(() => {
  const sideways =
    "span.math, mjx-container[display], .pst-scrollable-table-container, .rk-scroll, .rk-record, " +
    "pre, p.rk-sketch, .rk-picture, .cell_output, .cell_output > .output";
  // Slanted letters reach a little beyond their box: a formula in a line is as wide as its glyphs say.
  const whole = (place) => place.matches("span.math")
    ? place.querySelector("mjx-math")?.getBoundingClientRect().width ?? 0 : place.scrollWidth;
  const measured = (place) => {
    const beyond = whole(place) - place.clientWidth;
    const scrolls = beyond > 1 && getComputedStyle(place).overflowX !== "visible";
    return { place, scrolls, left: place.scrollLeft, beyond };
  };
  const mark = ({ place, scrolls, left, beyond }) => {
    place.classList.toggle("rk-before", scrolls && left > 1);
    place.classList.toggle("rk-after", scrolls && left < beyond - 1);
    if (scrolls) place.tabIndex = 0;
    else if (place.tabIndex >= 0) place.removeAttribute("tabindex");
  };
  // All are measured before any is marked: the page is laid out once.
  const markAll = () => [...document.querySelectorAll(sideways)].map(measured).forEach(mark);
  addEventListener("load", () => {
    markAll();
    addEventListener("resize", markAll);
    document.addEventListener("toggle", markAll, true);
    document.addEventListener("scroll", ({ target }) => {
      if (target.matches?.(sideways)) mark(measured(target));
    }, true);
  });
})();
