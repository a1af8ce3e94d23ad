// Shows how far long exports are. The browser writes the file itself, however large it is; this asks once a second how
// many rows were read. Without script the link is a plain download, and the page Exports says the same when it is loaded.

const place = document.getElementById("exports");
const say = document.getElementById("exports-say");
const lost = document.getElementById("exports-lost");
const EVERY = 1000;
const QUIET = 4; // rounds without a running export, after which none is awaited any more
let rounds = 0;

async function latest() {
  const answer = await fetch(place.dataset.from, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error("no answer");
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("ul.exports");
}

async function follow() {
  if (rounds > 0) return void (rounds = QUIET); // somebody follows already: it goes on
  for (rounds = QUIET; rounds > 0; rounds--) {
    await new Promise((done) => setTimeout(done, EVERY));
    try {
      const next = await latest();
      lost.hidden = true;
      if (!next) continue;
      if (next.querySelector("[data-running]")) rounds = QUIET;
      if (place.contains(document.activeElement)) continue; // never take a button away from whoever is at it
      if (say.textContent !== next.dataset.says) say.textContent = next.dataset.says; // told aloud when a state changes
      place.replaceChildren(next);
    } catch {
      lost.hidden = false;
      rounds = QUIET;
    }
  }
}

for (const link of document.querySelectorAll("a[data-export]")) link.addEventListener("click", follow);
if (place?.querySelector("[data-running]")) follow();
