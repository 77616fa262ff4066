"use strict";

// What every view shares: the theme that is kept, keys, what is announced, and word of a collection that has changed.

const SINGLE_KEYS = "clinsearch-single-keys";
const MS_BETWEEN_LOOKS = 20_000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  // A region that is filled in a later turn is read out even where it says the same again.
  setTimeout(() => { live.textContent = text; }, 50);
}

function keepTheme() {
  const root = document.documentElement;
  const watch = new MutationObserver(() => { if (root.dataset.theme) keep(THEME, root.dataset.theme); });
  watch.observe(root, { attributeFilter: ["data-theme"] });
  addEventListener("storage", (event) => {
    if (event.key === THEME && ["light", "dark"].includes(event.newValue)) root.dataset.theme = event.newValue;
  });
}

/* Keys. A view adds its own in one of two ways:
     in HTML     <a data-key="e" data-key-says="Why it was found">: the key clicks it; of several in items that of the current one
     in scripts  keys.add({ key: "n", says: "Next reason", run() { ... } })
   Items are [data-item]; j and k go from one to the next, and focus its [data-open], which Enter opens. */
const keys = (() => {
  const added = [];

  const isShown = (element) => element.getClientRects().length > 0;
  const items = () => [...document.querySelectorAll("[data-item]")].filter(isShown);
  const current = () => document.activeElement?.closest("[data-item]") ?? document.querySelector("[data-item].current");

  function marked(key) {
    const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(isShown);
    const here = current();
    const outside = all.find((element) => !element.closest("[data-item]"));
    return (here && all.find((element) => here.contains(element))) ?? outside ?? (here ? undefined : all[0]);
  }

  function go(to) {
    for (const item of document.querySelectorAll("[data-item].current")) item.classList.remove("current");
    to.classList.add("current");
    const target = to.querySelector("[data-open]") ?? to;
    if (target === to) to.tabIndex = -1;
    target.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }

  function move(step) {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    go(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))]);
  }

  function box() {
    const found = document.querySelector("[data-box]");
    found?.focus();
    found?.select?.();
  }

  function add(key) {
    added.push(key);
  }

  function all() {
    const found = new Map(added.filter((one) => !one.when || one.when()).map((one) => [one.key, one.says]));
    for (const element of document.querySelectorAll("[data-key]")) {
      if (!found.has(element.dataset.key)) found.set(element.dataset.key, element.dataset.keySays ?? element.textContent.trim());
    }
    return [...found];
  }

  function isTyping(target) {
    return target.isContentEditable || target.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");
  }

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target.matches("[data-box]")) event.target.blur();
    if (isTyping(event.target) || document.querySelector("dialog[open]") || kept(SINGLE_KEYS) === "off") return;
    const own = added.find((one) => one.key === event.key && (!one.when || one.when()));
    const element = own ? undefined : marked(event.key);
    if (!own && !element) return;
    event.preventDefault();
    if (own) own.run(event);
    else element.click();
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("focusin", (event) => {
    const item = event.target.closest("[data-item]");
    if (!item || item.classList.contains("current")) return;
    for (const other of document.querySelectorAll("[data-item].current")) other.classList.remove("current");
    item.classList.add("current");
  });
  const hasItems = () => document.querySelector("[data-item]") !== null;
  add({ key: "/", says: "Go to the search box", run: box, when: () => document.querySelector("[data-box]") !== null });
  add({ key: "j", says: "Next result", run: () => move(1), when: hasItems });
  add({ key: "k", says: "Previous result", run: () => move(-1), when: hasItems });
  return { add, all, go, current };
})();

function keysDialog() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector("dl");
  const button = document.getElementById("keys-button");
  const single = document.getElementById("single-keys");
  let before = null;
  const row = (key, says) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, says));

  function show() {
    const rows = keys.all().map(([key, says]) => row(key, says));
    if (document.querySelector("[data-item]")) rows.push(row("Enter", "Open the result"));
    list.replaceChildren(...rows);
    single.checked = kept(SINGLE_KEYS) !== "off";
    before = document.activeElement;
    dialog.showModal(); // the browser keeps the focus within, and Escape closes
  }

  dialog.addEventListener("close", () => before?.focus?.());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  single.addEventListener("change", () => keep(SINGLE_KEYS, single.checked ? "on" : "off"));
  button.addEventListener("click", show);
  button.hidden = false;
  keys.add({ key: "?", says: "Show these keys", run: show });
}

/* A form with data-busy says that it waits; what is shown meanwhile is the page before. */
function waiting() {
  const main = document.getElementById("main");
  document.addEventListener("submit", (event) => {
    const says = event.target.dataset.busy;
    if (!says || event.defaultPrevented) return;
    main.setAttribute("aria-busy", "true");
    announce(says);
  });
  addEventListener("pageshow", () => main.removeAttribute("aria-busy"));
}

/* A writer may index meanwhile: say so, once, and leave the page as it is until it is loaded again. */
function changes() {
  const told = document.getElementById("changed");
  const made = new Date();
  let stamp = document.body.dataset.stamp;
  let looked = made.getTime();

  async function look() {
    if (document.hidden || !told.hidden || Date.now() - looked < MS_BETWEEN_LOOKS - 1000) return;
    looked = Date.now();
    try {
      const answer = await fetch("/api/v1/stamp", { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      const { stamp: now } = await answer.json();
      stamp ||= now;
      if (now === stamp) return;
    } catch {
      return; // the server has ended: the next request says so
    }
    told.querySelector("time").textContent = made.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    told.hidden = false;
    announce(told.querySelector("span").textContent);
  }

  told.querySelector("button").addEventListener("click", () => location.reload());
  setInterval(look, MS_BETWEEN_LOOKS);
  document.addEventListener("visibilitychange", look);
}

/* What is folded in a narrow window is open in a wide one: details[data-wide]. */
function folds() {
  const wide = matchMedia("(min-width: 60rem)");
  const fold = () => { for (const one of document.querySelectorAll("details[data-wide]")) one.open = wide.matches; };
  wide.addEventListener("change", fold);
  fold();
}

keepTheme();
keysDialog();
waiting();
changes();
folds();
const said = document.querySelector("[data-announce]");
if (said) announce(said.textContent.trim().replace(/\s+/g, " "));
