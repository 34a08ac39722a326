// @ts-nocheck Runs in browsers.
const API = "/api/moderations";
const EVERY_MS = 2000;
const AWAY = "The server cannot be reached. It is asked again.";
const [heading, name, said, waiting, template] = ["h1", "input", "#said", "ol", "template"].map((selector) =>
  document.querySelector(selector),
);
/** By id and status; also what was decided here, as long as it is listed. */
const shown = new Map();

name.value = localStorage.getItem("reviewer") ?? "";
name.addEventListener("change", () => localStorage.setItem("reviewer", name.value));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

/** What people sent is text, whatever it looks like. */
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
    say("The server cannot be reached. Nothing was decided.");
    return;
  }
  const decided = `${approved ? "Approved" : "Rejected"}: ${subject}`;
  say(response.ok ? decided : (await response.json()).detail);
  const isOver = response.ok || [404, 409].includes(response.status);
  if (!isOver) return;
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("h2") ?? heading;
  item.remove();
  next.focus();
}

async function refresh() {
  const response = await fetch(`${API}?status=Awaiting%20review,Escalated&limit=50`);
  const { items, detail } = await response.json();
  if (!response.ok) {
    say(detail);
    return;
  }
  if (said.textContent === AWAY) say("");
  const listed = new Map(items.map((item) => [`${item.id} ${item.status}`, item]));
  let left;
  for (const [key, item] of shown) {
    if (listed.has(key)) continue;
    if (item.contains(document.activeElement)) [left] = key.split(" ");
    item.remove();
    shown.delete(key);
  }
  for (const [key, item] of listed) {
    if (shown.has(key)) continue;
    shown.set(key, show(item));
    // It was escalated while somebody was at it.
    if (item.id === left) shown.get(key).querySelector("h2").focus();
  }
  heading.textContent = items.length === 0 ? "Nothing waits for review" : "Waiting for review";
}

for (;;) {
  await refresh().catch(() => say(AWAY));
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
