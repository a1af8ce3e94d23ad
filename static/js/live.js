// Keeps the part of a page that says data-live="SECONDS" up to date while long work runs. Without it the page is the
// same, and a reload does what this does. The part that the server sends when the work is over no longer says
// data-live; the page is then loaded once more, because the work changed all of it.

const lost = (isLost) => document.getElementById("live-lost")?.toggleAttribute("hidden", !isLost);

async function refresh(part) {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected) window.location.reload(); // signed out meanwhile
  if (!answer.ok || answer.redirected) throw new Error("no page");
  lost(false);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById(part.id);
  if (!next || part.contains(document.activeElement)) return part; // never move what somebody is reading by keyboard
  if (!next.dataset.live) window.location.reload();
  part.replaceWith(next);
  return next;
}

async function keepLive(part) {
  while (part.dataset.live) {
    await new Promise((done) => setTimeout(done, 1000 * Number(part.dataset.live)));
    try {
      if (!document.hidden) part = await refresh(part);
    } catch {
      lost(true); // The next round asks again.
    }
  }
}

document.querySelectorAll("[data-live][id]").forEach(keepLive);
