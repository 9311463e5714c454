// Readies a page of the site for the PDF: it folds code away, waits for formulas and pictures, makes
// wide formulas fit, numbers the chapter, and gives anchors and links the name of their page.
async ({ name, number, anchors, pages, site, online, inside }) => {
  const hidden =
    "details.hide, .cell_input, .cell:not(:has(.cell_output)), " +
    "#print-main-content, .headerlink";
  const style = document.createElement("style");
  style.textContent = `${hidden} { display: none !important }`;
  document.head.append(style);
  for (const fold of document.querySelectorAll("details:is(.sd-dropdown, .rk-claim)")) fold.open = true;
  // A sign for which a machine may have no font.
  for (const cell of document.querySelectorAll("td"))
    if (cell.textContent.trim() === "✅") cell.textContent = "succeeded";
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await document.fonts.ready;

  for (const formula of document.querySelectorAll("mjx-container[display]")) {
    const room = Math.min(formula.clientWidth, formula.parentElement.clientWidth);
    const share = room / formula.scrollWidth;
    const size = parseFloat(getComputedStyle(formula).fontSize);
    if (share < 1) formula.style.fontSize = `${0.98 * share * size}px`;
  }

  const own = (anchor) => `${name}--${anchor || "top"}`;
  const title = document.querySelector("h1");
  title.querySelector(".headerlink")?.remove();
  if (number) title.prepend(`${number}  `);
  const top = document.createElement("span");
  top.id = own("");
  title.prepend(top);

  const known = new Set(anchors);
  for (const link of document.querySelectorAll("a[href]")) {
    const { href, hash } = new URL(link.href);
    if (!href.startsWith(site)) continue;
    const path = href.slice(site.length).split("#")[0];
    const page = path.replace(/\.html$/, "");
    const anchor = decodeURIComponent(hash.slice(1));
    if (page === name) {
      if (anchor) known.add(anchor);
      link.setAttribute("href", `#${own(anchor)}`);
    } else if (pages.includes(page)) {
      link.href = inside + encodeURIComponent(`${page}--${anchor || "top"}`);
    } else {
      link.href = online + path + hash;
    }
  }
  for (const anchor of known) {
    const element = document.getElementById(anchor);
    if (element) element.id = own(anchor);
  }
  // A browser gives a place a name in the PDF only if the page itself links to it.
  const names = document.createElement("p");
  names.style = "font-size: 1px; line-height: 1px; color: transparent";
  for (const anchor of ["", ...anchors]) {
    const link = document.createElement("a");
    link.href = `#${own(anchor)}`;
    link.textContent = ".";
    link.style = "color: transparent; text-decoration: none";
    names.append(link);
  }
  (document.querySelector("article") ?? document.body).append(names);
  return title.textContent.trim();
}
