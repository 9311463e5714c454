// Typesets formulas with MathJax in an engine that has no page.
"use strict";
const typesetter = (macros) => {
  const { input, output, handlers, adaptors, a11y, mathjax } = MathJax._;
  const adaptor = adaptors.liteAdaptor.liteAdaptor();
  a11y["assistive-mml"].AssistiveMmlHandler(handlers.html_ts.RegisterHTMLHandler(adaptor));
  // These two would print what is wrong in red, and say nothing.
  const packages = input.tex.AllPackages.AllPackages.filter(
    (name) => !["noerrors", "noundefined"].includes(name),
  );
  const formatError = (_, error) => { throw new Error(error.message); };
  // As high as the letters of the text: those of this font are 0.44 em high, theirs 0.5 to 0.53.
  const scale = 1.15;
  const font = new output.chtml.fonts.tex_ts.TeXFont({ fontURL: "." });
  // The least of the bars of a norm is a piece of longer ones, too small and too far from its letter.
  Object.assign(font.delimiters[0x2016], { sizes: [1], schar: [0x2225], variants: [0] });
  const page = mathjax.mathjax.document("", {
    InputJax: new input.tex_ts.TeX({ packages, macros, formatError }),
    OutputJax: new output.chtml_ts.CHTML({ font }),
  });
  globalThis.typeset = (tex, display) => adaptor.outerHTML(page.convert(tex, { display, scale }));
  globalThis.style = () => adaptor.textContent(page.outputJax.styleSheet(page));
};
