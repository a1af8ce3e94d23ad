// The handle of the ruler: tells in words where it stands, or where the pointer is, and leads there when it is let go.
// With keys it moves only; Enter leads there and Escape takes it back. Without script the button beside it leads there.

const form = document.querySelector("form[data-ruler]");

if (form) {
  const slider = form.elements.ruler;
  const said = form.querySelector(".hint span");
  const now = slider.getAttribute("aria-valuetext");
  const words = new Map([...slider.list.options].map((option) => [Number(option.value), option.label]));
  const [least, most, step] = [slider.min, slider.max, slider.step].map(Number);
  const handle = 11; // pixels; its middle never leaves the ruler
  let byKeys = false;

  const tell = (value) => {
    said.textContent = words.get(value);
    form.classList.add("asks");
  };
  const rest = () => {
    form.classList.toggle("asks", slider.value !== slider.defaultValue);
    said.textContent = words.get(slider.valueAsNumber);
  };

  slider.addEventListener("input", () => {
    slider.setAttribute("aria-valuetext", words.get(slider.valueAsNumber));
    tell(slider.valueAsNumber);
  });
  slider.addEventListener("change", () => byKeys || form.requestSubmit());
  slider.addEventListener("pointerdown", () => (byKeys = false));
  slider.addEventListener("pointermove", (event) => {
    if (event.buttons || event.pointerType === "touch") return;
    const { left, width } = slider.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left - handle / 2) / (width - handle), 0), 1);
    tell(least + Math.round((share * (most - least)) / step) * step);
  });
  slider.addEventListener("pointerleave", rest);
  slider.addEventListener("keydown", (event) => {
    byKeys = true;
    if (event.key === "Escape") form.reset();
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("reset", () => {
    slider.setAttribute("aria-valuetext", now);
    window.setTimeout(rest); // the value is set back after this
  });
  window.addEventListener("pageshow", (event) => event.persisted && form.reset());
  rest();
}
