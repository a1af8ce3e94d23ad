// One box ticks all rows shown; without script they are ticked one by one.
for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = [...all.closest("table").querySelectorAll("tbody input[name=of]")];
  const agree = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  all.closest("table").addEventListener("change", agree);
  window.addEventListener("pageshow", agree);
}

// The links to other pages keep what is ticked; without script the buttons beside the selection do.
for (const form of document.querySelectorAll("form.rows")) {
  form.addEventListener("click", (event) => {
    const link = event.target.closest("a[rel]");
    const button = link && form.querySelector(`button[name=keep][data-rel="${link.rel}"]`);
    const changed = [...form.querySelectorAll("input[name=of]")].some((box) => box.checked !== box.defaultChecked);
    if (!button || !changed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
}
