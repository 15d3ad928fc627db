// A second click would make other codes, and nobody would see the first.
const form = document.querySelector("form.once");
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => delete form?.dataset.sent);
