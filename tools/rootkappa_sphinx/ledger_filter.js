// Two filters above the ledger's tables. Without this script the page shows every row.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".rk-filters");
  const rows = [...document.querySelectorAll("tr[data-verdict]")];
  if (!place || !rows.length) return;

  const valuesOf = (row, key) =>
    key === "verdict" ? [row.dataset.verdict] : row.dataset.papers.split("|");
  const choices = {};
  const status = document.createElement("span");
  status.setAttribute("role", "status");

  const apply = () => {
    let shown = 0;
    for (const row of rows) {
      const fits = Object.entries(choices).every(
        ([key, select]) => !select.value || valuesOf(row, key).includes(select.value)
      );
      row.hidden = !fits;
      shown += fits;
    }
    for (const region of document.querySelectorAll(".rk-scroll, section[id^=ledger-]"))
      region.hidden = !region.querySelector("tr[data-verdict]:not([hidden])");
    status.textContent = `${shown} of ${rows.length} claims shown`;
  };

  for (const key of ["verdict", "paper"]) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    const words = [...new Set(rows.flatMap((row) => valuesOf(row, key)))].sort();
    select.append(new Option(`every ${key}`, ""), ...words.map((word) => new Option(word, word)));
    select.addEventListener("change", apply);
    label.append(`${key} `, select);
    place.append(label);
    choices[key] = select;
  }
  place.append(status);
  place.hidden = false;
  apply();
});
