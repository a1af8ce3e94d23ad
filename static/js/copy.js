// A button that says data-copy="ID" copies the text of that element. Without script the text is there to be selected.

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source); // not allowed to write: select it instead
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = label), 2000);
  });
}
