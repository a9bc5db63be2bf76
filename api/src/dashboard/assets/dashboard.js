// What the pages do by themselves they do here a little quicker: actions are asked for in a dialog, searches are made
// while typing, and what has changed is shown. Without this script nothing is missing.

const main = () => document.querySelector("main");
const base = main().dataset.path;
const live = document.querySelector(".live");
const heard = document.querySelector("#heard");

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/** A page of ours; without a session the browser goes to the login. */
async function get(url) {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname.endsWith("/login")) {
    location.assign(answer.url);
    throw new Error("logged out");
  }
  return { ok: answer.ok, page: parse(await answer.text()) };
}

/** Takes over parts of a new version of this page. */
function take(page, ...parts) {
  for (const part of parts) {
    const [now, next] = [document.querySelector(part), page.querySelector(part)];
    if (now && next) now.replaceChildren(...next.childNodes);
  }
}

let asking = 0;
async function refresh() {
  const mine = ++asking;
  const { ok, page } = await get(location.href);
  // What became of a change is told once, to whichever request comes next.
  if (page.querySelector(".notice-place .notice")) take(page, ".notice-place");
  if (!ok || mine !== asking) return;
  // Whoever works in a list by keyboard stays where they are.
  const focused = document.activeElement;
  const label = focused?.closest("#results") && (focused.getAttribute("aria-label") ?? focused.textContent);
  take(page, "#summary", "#results");
  const { digest } = page.querySelector("main").dataset;
  if (digest !== undefined) main().dataset.digest = digest;
  if (label) {
    const all = [...document.querySelectorAll("#results a, #results [tabindex]")];
    all.find((one) => (one.getAttribute("aria-label") ?? one.textContent) === label)?.focus({ preventScroll: true });
  }
}

// --- dialogs

const dialog = document.createElement("dialog");
dialog.setAttribute("aria-labelledby", "ask-title");
document.body.append(dialog);

function ask(page) {
  const section = page.querySelector("[data-ask]") ?? page.querySelector("main");
  section.removeAttribute("id");
  dialog.replaceChildren(section);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input:not([type=hidden]):not([type=checkbox]), .choices .button")?.focus();
}

document.addEventListener("click", async (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a");
  if (!link) return;
  if (link.matches("dialog [data-close]")) {
    event.preventDefault();
    dialog.close();
  } else if (link.matches("[data-dialog]")) {
    event.preventDefault();
    try {
      ask((await get(link.href)).page);
    } catch {
      location.assign(link.href);
    }
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.closest("dialog")) {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        dialog.close();
        document.querySelector(".notice-place").replaceChildren();
        await refresh();
      } else {
        ask(parse(await answer.text()));
      }
    } catch {
      form.submit();
    } finally {
      button.disabled = false;
    }
  }
});

// --- searches

let typing;
function search(form) {
  const query = new URLSearchParams(new FormData(form));
  history.replaceState(null, "", `${form.action}?${query}`);
  refresh().catch(() => {});
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-search]");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => search(form), 250);
});

// --- live updates

const kind = main().dataset.live;
let source;
let refreshing;

/** At most one question every three seconds. */
function refreshSoon() {
  refreshing ??= setTimeout(async () => {
    try {
      await refresh();
    } catch {
      /* the next message asks again */
    } finally {
      refreshing = undefined;
    }
  }, heardBefore ? 3000 : 0);
}

let heardBefore = false;
function hear(message) {
  if (message.away) {
    show(false, "The live state does not answer");
    return;
  }
  show(true, "Live");
  if (kind === "pool" && message.rows && heardBefore) {
    change(message);
  } else if (message[kind] !== main().dataset.digest) {
    refreshSoon();
  }
  heardBefore = true;
}

function change(message) {
  const summary = document.querySelector("#summary");
  if (summary && message.summary) summary.replaceChildren(...parse(message.summary).body.childNodes);
  main().dataset.digest = message.pool;
  const body = document.querySelector("#rows");
  const changed = Object.entries(message.rows);
  if (!changed.length) return;
  // Where only some are shown, those that changed may be others now.
  const shown = new URLSearchParams(location.search);
  if (shown.get("q") || (shown.get("show") ?? "all") !== "all") refreshSoon();
  if (!body) return;
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  const said = [];
  for (const [id, html] of changed) {
    const row = rows.get(id);
    if (!row) continue;
    const next = parse(`<table><tbody>${html}</tbody></table>`).querySelector("tr");
    const focused = row.contains(document.activeElement) && document.activeElement.textContent;
    if (row.dataset.said !== next.dataset.said) said.push(next.dataset.said);
    next.classList.add("changed");
    row.replaceWith(next);
    if (focused) [...next.querySelectorAll("a")].find((link) => link.textContent === focused)?.focus();
  }
  if (said.length) heard.textContent = said.length > 3 ? `${said.length} servers have changed` : said.join(". ");
}

function show(on, text) {
  live.hidden = false;
  live.classList.toggle("on", on);
  live.textContent = text;
}

function follow() {
  if (!kind || document.hidden || source) return;
  heardBefore = false;
  source = new EventSource(`${base}/events`);
  source.onmessage = (event) => hear(JSON.parse(event.data));
  source.onerror = () => {
    heardBefore = false;
    show(false, "Not connected");
    if (source.readyState === EventSource.CLOSED) {
      source = undefined;
      setTimeout(follow, 10_000);
    }
  };
}

// A page that nobody looks at costs nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else {
    follow();
  }
});
follow();
