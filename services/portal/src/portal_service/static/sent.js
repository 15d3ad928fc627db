// The answers are sent: forget the draft.
for (const name of Object.keys(sessionStorage)) {
  if (name.endsWith(" " + location.pathname)) sessionStorage.removeItem(name);
}
