// A QR code leads here with the code in the fragment, which no server and no log ever sees.
const input = document.getElementById("code");
if (location.hash.length > 1) {
  input.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
