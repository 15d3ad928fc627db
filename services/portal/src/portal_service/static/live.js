// While the page is open, its parts are shown as they are now. The server says only that something
// changed; what is shown comes from the page's own address. Nothing that somebody works in is
// replaced: then the page says that there is something new.
const main = document.querySelector("main[data-live]");
const asOf = document.getElementById("as-of");
const show = (state) => {
  for (const text of asOf.querySelectorAll("span")) text.hidden = text.className !== state;
};
const parts = (root) => new Map(
  [...root.querySelectorAll("h1, section[aria-labelledby]")].map((part) => [
    part.getAttribute("aria-labelledby") || part.tagName, part,
  ]),
);
const content = (part) => {
  const copy = part.cloneNode(true);
  for (const key of copy.querySelectorAll("input[name=sent]")) key.remove();
  for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
  return copy;
};
const begun = new Set();
main.addEventListener("input", (event) => begun.add(event.target.form));
const inUse = (part) =>
  part.contains(document.activeElement) ||
  [...part.querySelectorAll("form")].some((form) => begun.has(form));

// Replaces the smallest parts that differ: the browser has few elements to style then.
function patch(part, now) {
  if (now.isEqualNode(part)) return;
  const [olds, news] = [[...part.childNodes], [...now.childNodes]];
  const same = part.cloneNode().isEqualNode(now.cloneNode()) && olds.length === news.length;
  if (same && olds.length) olds.forEach((old, at) => patch(old, news[at]));
  else part.replaceWith(document.adoptNode(now));
}

// An inert document: no script in it runs, and no text becomes HTML here.
const fetchPage = () => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.onload = () => (request.status === 200 ? resolve(request.response) : reject());
  request.onerror = reject;
  request.send();
});

async function update() {
  const page = await fetchPage();
  const before = parts(main);
  const after = parts(page.querySelector("main"));
  let left = [...before.keys()].join() !== [...after.keys()].join();
  for (const [name, part] of before) {
    const now = after.get(name);
    if (!now || content(now).isEqualNode(content(part))) continue;
    if (inUse(part)) {
      left = true;
      continue;
    }
    const opened = [...part.querySelectorAll("details")].map((details) => details.open);
    now.querySelectorAll("details").forEach((details, at) => { details.open ||= opened[at]; });
    patch(part, now);
  }
  asOf.querySelector("time").replaceWith(document.adoptNode(page.querySelector("#as-of time")));
  show(left ? "new" : "live");
}

let updating = Promise.resolve();
function connect() {
  const stream = new EventSource(main.dataset.live);
  let first = true;
  stream.addEventListener("changed", () => {
    if (first) show("live");
    else updating = updating.then(update).catch(() => show("away"));
    first = false;
  });
  stream.addEventListener("away", () => { first = false; show("away"); });
  stream.addEventListener("error", () => { first = false; show("away"); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || stream.readyState !== EventSource.CLOSED) return;
    stream.close();
    connect();
  }, { once: true });
}
connect();
