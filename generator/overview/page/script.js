"use strict";
// The page is whole without this: it adds a filter to long tables, and opens or closes all parts at once.
(() => {
  const make = (name, attributes, text) => {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text) made.textContent = text;
    return made;
  };
  const parts = () => [...document.querySelectorAll("main details")];
  const tools = document.querySelector("#tools");
  [["Open all", true], ["Close all", false]].forEach(([text, open]) => {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => parts().forEach((part) => { part.open = open; }));
    tools.append(button);
  });
  document.querySelectorAll("[data-filter]").forEach((area) => {
    const rows = [...area.querySelectorAll("[data-row]")];
    if (rows.length < 8) return;
    const label = make("label", { class: "filter" }, area.dataset.filter + " ");
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const told = make("output", { class: "quiet" });
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      });
      told.textContent = words.length ? ` ${shown} of ${rows.length}` : "";
    });
    label.append(field, told);
    area.prepend(label);
  });
  // A link into a closed part opens it.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.localName === "details") node.open = true;
    if (target) target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();
  let closed = [];
  window.addEventListener("beforeprint", () => { closed = parts().filter((part) => !part.open && !part.matches(".rule")); closed.forEach((part) => { part.open = true; }); });
  window.addEventListener("afterprint", () => { closed.forEach((part) => { part.open = false; }); });
})();
