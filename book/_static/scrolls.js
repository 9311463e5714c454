// What scrolls sideways can be reached by the keyboard; what does not scroll is no stop.
"use strict";
(() => {
  const sideways = "mjx-container[display], .rk-record, .table-wrapper, .cell_output, .rk-picture";
  const mark = () => {
    for (const place of document.querySelectorAll(sideways)) {
      if (place.scrollWidth > place.clientWidth + 1) place.tabIndex = 0;
      else place.removeAttribute("tabindex");
    }
  };
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    mark();
    addEventListener("resize", mark);
  });
})();
