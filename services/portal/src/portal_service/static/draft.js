// What was answered so far stays in this browser tab until it is sent: nothing is lost when the
// connection is. Nothing of it reaches a server before "Send", and nobody else's is shown.
const form = document.querySelector("form.questions");
const own = `draft ${form.dataset.owner} `;
for (const name of Object.keys(sessionStorage)) {
  if (!name.startsWith(own)) sessionStorage.removeItem(name);
}
const name = own + location.pathname;
const kept = JSON.parse(sessionStorage.getItem(name) || "{}");
for (const input of form.querySelectorAll("input[type=radio]")) {
  if (!form.querySelector(`input[name="${CSS.escape(input.name)}"]:checked`)) {
    if (kept[input.name] === input.value) input.checked = true;
  }
}
form.addEventListener("change", () => {
  Object.assign(kept, Object.fromEntries(new FormData(form)));
  sessionStorage.setItem(name, JSON.stringify(kept));
});
