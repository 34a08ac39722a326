// @ts-nocheck Runs in browsers.
const API = "/api/moderations";
const REFRESH_INTERVAL_MS = 2000;
const UNREACHABLE = "The server is unreachable. Retrying.";
const [heading, name, statusLine, waiting, template] = ["h1", "input", "#status", "ol", "template"].map((selector) =>
  document.querySelector(selector),
);
/** List items by id and status, including those decided here until the server no longer lists them. */
const itemsByKey = new Map();

name.value = localStorage.getItem("reviewer") ?? "";
name.addEventListener("change", () => localStorage.setItem("reviewer", name.value));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

function setStatus(text) {
  if (statusLine.textContent !== text) statusLine.textContent = text;
}

/** Adds a list item. Uses textContent, because the content is untrusted. */
function show({ id, status, configuration, score, reasons, image }) {
  const item = template.content.cloneNode(true).firstElementChild;
  const subject = (configuration.text || configuration.image.name).slice(0, 60);
  const title = `${status}: ${subject}`;
  item.querySelector("h2").textContent = title;
  item.querySelector("blockquote").textContent = configuration.text;
  item.querySelector("p").textContent = [`score ${score}`, ...reasons].join("; ");
  if (image) {
    const { content, name: alt } = configuration.image;
    Object.assign(item.querySelector("img"), { src: `data:${image.type};base64,${content}`, alt, hidden: false });
  }
  for (const button of item.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent} ${title}`);
    button.addEventListener("click", () => decide({ id, subject, item }, button.value === "approve"));
  }
  waiting.append(item);
  return item;
}

async function decide({ id, subject, item }, approved) {
  if (!name.reportValidity()) return;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ approved, by: name.value });
  const response = await fetch(`${API}/${id}/decision`, { method: "POST", headers, body }).catch(() => undefined);
  if (!response) {
    setStatus("The server is unreachable. Nothing was decided.");
    return;
  }
  const decided = `${approved ? "Approved" : "Rejected"}: ${subject}`;
  setStatus(response.ok ? decided : (await response.json()).detail);
  const isDecided = response.ok || [404, 409].includes(response.status);
  if (!isDecided) return;
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("h2") ?? heading;
  item.remove();
  next.focus();
}

async function refresh() {
  const response = await fetch(`${API}?status=Awaiting%20review,Escalated&limit=50`);
  const { items, detail } = await response.json();
  if (!response.ok) {
    setStatus(detail);
    return;
  }
  if (statusLine.textContent === UNREACHABLE) setStatus("");
  const listed = new Map(items.map((item) => [`${item.id} ${item.status}`, item]));
  let focusedId;
  for (const [key, item] of itemsByKey) {
    if (listed.has(key)) continue;
    if (item.contains(document.activeElement)) [focusedId] = key.split(" ");
    item.remove();
    itemsByKey.delete(key);
  }
  for (const [key, item] of listed) {
    if (itemsByKey.has(key)) continue;
    itemsByKey.set(key, show(item));
    // Keeps the focus on an item that was escalated meanwhile.
    if (item.id === focusedId) itemsByKey.get(key).querySelector("h2").focus();
  }
  heading.textContent = items.length === 0 ? "Nothing waits for review" : "Waiting for review";
}

for (;;) {
  await refresh().catch(() => setStatus(UNREACHABLE));
  await new Promise((resolve) => setTimeout(resolve, REFRESH_INTERVAL_MS));
}
