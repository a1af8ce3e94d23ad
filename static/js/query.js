// Completions below the field of a query: arrow keys go through them, Enter or a click writes one, Escape leaves them.
// Without script the form works, and the page lists every field.

const field = document.getElementById("query");
const found = document.getElementById("completions");
const { completions } = field.form.dataset;
let asked = 0;
let waiting = 0;

async function ask() {
  const mine = ++asked;
  const url = new URL(completions, window.location.href);
  url.searchParams.set("q", field.value);
  url.searchParams.set("at", field.selectionStart);
  const answer = await fetch(url, { redirect: "error" }).catch(() => null); // signed out meanwhile: nothing is offered
  if (mine !== asked || !answer?.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine === asked) found.replaceChildren(...parsed.body.childNodes);
}

function close() {
  asked += 1;
  window.clearTimeout(waiting);
  found.replaceChildren();
}

function write(button) {
  const { start, end } = button.closest("ul").dataset;
  field.setRangeText(button.dataset.text, Number(start), Number(end), "end");
  close();
  field.focus();
  if (/[:>=]$/.test(button.dataset.text)) ask(); // a field: its values come next
}

field.addEventListener("input", () => {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(ask, 120);
});
field.addEventListener("click", ask);
found.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) write(button);
});
field.form.addEventListener("keydown", (event) => {
  const stops = [field, ...found.querySelectorAll("button")];
  const here = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    close();
    field.focus();
  } else if (step && here >= 0 && stops[here + step]) {
    event.preventDefault();
    stops[here + step].focus();
  }
});
