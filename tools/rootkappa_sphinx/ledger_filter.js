// Two filters above the ledger's cards, kept in the address: a link may show the one contradicted
// claim. Without this script the page shows every card, and letters lead to cards all the same.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".rk-filters");
  const cards = [...document.querySelectorAll(".rk-claim")];
  if (!place || !cards.length) return;

  const valuesOf = (card, key) =>
    key === "verdict" ? [card.dataset.verdict] : card.dataset.papers.split("|");
  const choices = {};
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const all = button("show all", () => choose({}));
  const visible = () => cards.filter((card) => !card.hidden);
  const fold = button("", () => {
    const open = visible().some((card) => !card.open);
    for (const card of visible()) card.open = open;
  });
  const named = () => {
    fold.textContent = visible().some((card) => !card.open) ? "unfold" : "fold";
  };

  const show = () => {
    const shown = new Set();
    for (const card of cards) {
      const fits = Object.entries(choices).every(
        ([key, select]) => !select.value || valuesOf(card, key).includes(select.value)
      );
      card.hidden = !fits;
      if (fits) shown.add(`#${card.id}`);
    }
    for (const section of document.querySelectorAll("section[id^=ledger-]"))
      section.hidden = !section.querySelector(".rk-claim:not([hidden])");
    for (const cell of document.querySelectorAll(".rk-cell"))
      cell.classList.toggle("rk-out", !shown.has(cell.hash));
    status.textContent = `${shown.size} of ${cards.length} claims shown`;
    all.hidden = shown.size === cards.length;
    named();
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

  // A card that a link leads to is never filtered out, and is open.
  const open = () => {
    const card = cards.find(({ id }) => `#${id}` === location.hash);
    if (!card) return;
    if (card.hidden) choose({});
    card.open = true;
    card.scrollIntoView();
  };

  for (const key of ["verdict", "paper"]) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    const words = [...new Set(cards.flatMap((card) => valuesOf(card, key)))].sort();
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
  place.append(all, fold, status);
  place.hidden = false;
  for (const card of cards) card.addEventListener("toggle", named);
  choose(Object.fromEntries(new URLSearchParams(location.search)));
  if (location.search && !location.hash) place.scrollIntoView();
  open();
  addEventListener("hashchange", open);

  // On paper every card is whole.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = cards.filter((card) => !card.open);
    for (const card of folded) card.open = true;
  });
  addEventListener("afterprint", () => {
    for (const card of folded) card.open = false;
  });
});
