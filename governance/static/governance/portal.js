/* Behaviour by data attributes; the pages work without it. */
(() => {
  "use strict";

  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  let leader = "";

  const move = (step) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
    const link = next.querySelector("a[href]");
    if (link) link.focus();
  };

  const tick = () => {
    const row = document.activeElement.closest("[data-row]");
    const box = row && row.querySelector("[data-tick]");
    if (box) box.checked = !box.checked;
  };

  const show = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const pressed = leader + event.key;
    leader = event.key === "g" ? "g" : "";
    if (pressed === "/") {
      const search = document.querySelector("[data-key-search]");
      const menu = document.getElementById("menu");
      if (!search) return;
      if (menu && search.offsetParent === null) menu.classList.add("show");
      event.preventDefault();
      search.focus();
    } else if (pressed === "?") show("keys");
    else if (pressed === "j") move(1);
    else if (pressed === "k") move(-1);
    else if (pressed === "x") tick();
    else if (pressed === "gh") window.location.assign("/");
    else if (pressed === "gi") window.location.assign("/systems/");
  });

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    const opener = event.target.closest("[data-open]");
    const adder = event.target.closest("[data-add-row]");
    if (event.target.closest("[data-back]")) window.history.back();
    if (event.target.closest("[data-print]")) window.print();
    if (opener) show(opener.dataset.open);
    if (adder) { event.preventDefault(); addRow(adder.dataset.addRow); }
    if (copy && navigator.clipboard) {
      await navigator.clipboard.writeText(copy.dataset.copy);
      copy.classList.add("copied");
      window.setTimeout(() => copy.classList.remove("copied"), 1500);
    }
  });

  /* One more row of a form set: the rendered empty form stands in a template element. */
  const addRow = (prefix) => {
    const total = document.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
    const blank = document.querySelector(`template[data-row-of="${prefix}"]`);
    const rows = document.querySelector(`[data-rows="${prefix}"]`);
    const row = blank.content.cloneNode(true);
    const number = total.value;
    for (const element of row.querySelectorAll("*"))
      for (const attribute of ["id", "name", "for", "aria-describedby"])
        if (element.hasAttribute(attribute))
          element.setAttribute(attribute, element.getAttribute(attribute).replaceAll("__prefix__", number));
    total.value = Number(number) + 1;
    rows.append(row);
    rows.lastElementChild.querySelector("input, select, textarea").focus();
  };

  /* Ask once more before what cannot be taken back; the server decides, this only asks. */
  document.addEventListener("submit", (event) => {
    const question = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form) form.requestSubmit();
  });

  const first = document.querySelector("[data-focus]");
  if (first) first.focus();

  /* Tabs are links to parts of the page: open the one the address names. */
  const named = document.querySelector(`[data-bs-toggle="tab"][href="${CSS.escape(window.location.hash).replace("\\#", "#")}"]`);
  if (window.location.hash && named && window.tabler) new window.tabler.Tab(named).show();
})();
