// The search field of the top line: arrow keys go through its hits, Escape leaves it. `/` leads to it (keys.js).
// htmx fetches the hits; without script the form leads to the same hits as a page.

const field = document.getElementById("find");
const found = document.getElementById("found");

field.form.addEventListener("keydown", (event) => {
  const stops = [field, ...found.querySelectorAll("a")];
  const here = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    found.replaceChildren();
    field.focus();
    if (here === 0) field.blur();
  } else if (step && stops[here + step]) {
    event.preventDefault();
    stops[here + step].focus();
  }
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { pathname } = new URL(event.detail.xhr.responseURL);
  if (pathname === new URL(field.form.action).pathname) return;
  event.detail.shouldSwap = false; // signed out meanwhile: the page leads to the sign-in page
  window.location.reload();
});
