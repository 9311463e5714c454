// Two filters above the ledger's tables, kept in the address: a link may show the one contradicted
// claim. Without this script the page shows every row, and letters lead to rows all the same.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".rk-filters");
  const rows = [...document.querySelectorAll("tr[data-verdict]")];
  if (!place || !rows.length) return;

  const valuesOf = (row, key) =>
    key === "verdict" ? [row.dataset.verdict] : row.dataset.papers.split("|");
  const choices = {};
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const all = document.createElement("button");
  all.type = "button";
  all.textContent = "show all";
  all.addEventListener("click", () => choose({}));

  const show = () => {
    const shown = new Set();
    for (const row of rows) {
      const fits = Object.entries(choices).every(
        ([key, select]) => !select.value || valuesOf(row, key).includes(select.value)
      );
      row.hidden = !fits;
      if (fits) shown.add(`#${row.id}`);
    }
    for (const region of document.querySelectorAll(".rk-scroll, section[id^=ledger-]"))
      region.hidden = !region.querySelector("tr[data-verdict]:not([hidden])");
    for (const cell of document.querySelectorAll(".rk-cell"))
      cell.classList.toggle("rk-out", !shown.has(cell.hash));
    status.textContent = `${shown.size} of ${rows.length} claims shown`;
    all.hidden = shown.size === rows.length;
  };

  // What is chosen stands in the address; a browser that forbids it, as on a disk, shows it anyway.
  const choose = (values) => {
    const asked = new URLSearchParams(location.search);
    for (const [key, select] of Object.entries(choices)) {
      select.value = values[key] ?? "";
      if (select.selectedIndex < 0) select.value = "";
      if (select.value) asked.set(key, select.value);
      else asked.delete(key);
    }
    const query = asked.toString();
    try {
      history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
    } catch {}
    show();
  };

  const chosen = () =>
    Object.fromEntries(Object.entries(choices).map(([key, select]) => [key, select.value]));

  // A row that a link leads to is never filtered out.
  const open = () => {
    const row = rows.find(({ id }) => `#${id}` === location.hash);
    if (row?.hidden) choose({});
    row?.scrollIntoView();
  };

  for (const key of ["verdict", "paper"]) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    const words = [...new Set(rows.flatMap((row) => valuesOf(row, key)))].sort();
    select.append(new Option(`every ${key}`, ""), ...words.map((word) => new Option(word, word)));
    select.addEventListener("change", () => choose(chosen()));
    label.append(`${key} `, select);
    place.append(label);
    choices[key] = select;
  }
  for (const link of document.querySelectorAll(".rk-choose"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose({ ...chosen(), verdict: new URLSearchParams(link.search).get("verdict") });
      place.scrollIntoView();
    });
  place.append(all, status);
  place.hidden = false;
  choose(Object.fromEntries(new URLSearchParams(location.search)));
  if (location.search && !location.hash) place.scrollIntoView();
  open();
  addEventListener("hashchange", open);
});
