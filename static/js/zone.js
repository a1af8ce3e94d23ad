// Offers the browser's own time zone; without script it is chosen from the list like any other.

const select = document.getElementById("time-zone");
const offer = document.getElementById("offer");
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const option = [...select.options].find((one) => one.value === timeZone);

function agree() {
  offer.hidden = !option || option.selected;
}

if (option) {
  offer.querySelector("b").textContent = timeZone;
  offer.querySelector("button").addEventListener("click", () => {
    option.selected = true;
    agree();
    select.focus();
  });
}
select.addEventListener("change", agree);
agree();
