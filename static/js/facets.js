// A facet that is ticked or unticked shows its list at once; without script the form's button does.
for (const form of document.querySelectorAll("form[data-facets]")) {
  form.addEventListener("change", () => {
    if (!form.closest("[popover]")?.matches(":popover-open")) form.requestSubmit();
  });
}
