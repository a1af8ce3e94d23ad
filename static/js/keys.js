// Single keys. A page of somebody who switched them off does not load this. They do nothing while somebody types, while a
// dialog is open, or together with Ctrl, Alt or the command key. `/keys/` lists them.

const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const FILTERS = ["#facets", "main #query", "main .ask"]; // the first that a page has
const found = document.getElementById("found");
let goes = false; // `g` was pressed, and the next key says where to

const press = (selector) => document.querySelector(selector)?.click();

// On some keyboards a bracket is made with Alt or AltGr; a letter with Alt is somebody else's.
function isChord(event) {
  const held = event.ctrlKey || event.metaKey || (event.altKey && /^[a-z0-9]$/i.test(event.key));
  return held && !event.getModifierState("AltGraph");
}

function search() {
  const field = document.getElementById("find");
  if (field.checkVisibility()) field.select();
  else press(".find-page"); // on a phone the field has a page of its own
}

function filters() {
  const part = FILTERS.map((one) => document.querySelector(one)).find((one) => one);
  if (part?.matches("[popover]") && !part.checkVisibility()) part.showPopover();
  const fields = part?.matches("input, textarea") ? [part] : (part?.querySelectorAll("input, select, a[href]") ?? []);
  [...fields].find((one) => one.type !== "hidden" && one.checkVisibility())?.focus();
}

// The link of each row, or of each hit below the search field while somebody is among them.
function links() {
  if (found.contains(document.activeElement)) return [...found.querySelectorAll("a")];
  const rows = [...document.querySelectorAll("main tbody tr")];
  const all = rows.map((row) => row.querySelector("th a[href]") ?? row.querySelector("a[href]"));
  return all.filter((link) => link?.checkVisibility());
}

const currentRow = () => document.activeElement.closest("main tbody tr");

function step(by) {
  const all = links();
  const row = currentRow();
  const here = all.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
  all[here < 0 ? 0 : here + by]?.focus();
}

async function showKeys() {
  const link = document.querySelector("a[data-keys]");
  if (document.querySelector("main #keys")) return; // the page of the keys itself
  const answer = await fetch(link.href, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return link.click(); // signed out meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (document.querySelector("dialog[open]")) return; // asked for twice
  const dialog = document.createElement("dialog");
  dialog.className = "keys-over";
  dialog.setAttribute("aria-label", "Keys");
  const form = document.createElement("form");
  form.method = "dialog";
  const close = document.createElement("button");
  close.className = "pick sm";
  close.textContent = "Close";
  form.append(close);
  dialog.append(page.getElementById("keys"), form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

const ACTIONS = {
  "/": search,
  "?": showKeys,
  "[": () => press(".ruler a[rel=prev]"),
  "]": () => press(".ruler a[rel=next]"),
  b: () => press("main a[rel=prev]"),
  f: filters,
  g: () => (goes = true),
  j: () => step(1),
  k: () => step(-1),
  n: () => press("main a[rel=next]"),
  t: () => press(".pastbar a"),
  x: () => currentRow()?.querySelector("input[type=checkbox]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (["Shift", "AltGraph", "Alt", "CapsLock"].includes(event.key)) return;
  const went = goes;
  goes = false;
  if (event.defaultPrevented || isChord(event)) return;
  if (event.target.closest(TYPED) || document.querySelector("dialog[open]")) return;
  const target = went && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  const action = target ? () => target.click() : !went && Object.hasOwn(ACTIONS, event.key) && ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
