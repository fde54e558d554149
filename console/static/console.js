// What pages do with script; without it every one of them works as well.
"use strict";

const LONGEST_WAIT = 60;
const FAILURES_SAID = 3;

// --- Polled regions: they rest while nobody looks, wait longer after each failure, and say so.

const failing = new Map();

const isPoll = (event) => event.detail.elt.hasAttribute("data-poll");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isPoll(event)) return;
  const failed = failing.get(event.detail.elt.id);
  if (document.hidden || (failed && Date.now() < failed.until)) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isPoll(event)) return;
  const { id } = event.detail.elt;
  if (event.detail.successful) {
    failing.delete(id);
    noteRefresh(document.getElementById(id));
  } else {
    noteFailure(event.detail.elt);
  }
  const stopped = [...failing.values()].some((failed) => failed.times >= FAILURES_SAID);
  sayStopped(stopped);
});

function noteRefresh(region) {
  const refreshed = region && region.querySelector("[data-refreshed]");
  const time = new Date().toLocaleTimeString(document.documentElement.lang);
  if (refreshed) refreshed.textContent = time;
}

function noteFailure(region) {
  const every = Number(/every (\d+)s/.exec(region.getAttribute("hx-trigger"))?.[1] ?? LONGEST_WAIT);
  const times = (failing.get(region.id)?.times ?? 0) + 1;
  const wait = Math.min(every * 2 ** times, LONGEST_WAIT);
  // Half a step less: the trigger goes on in steps, and the next one must not just miss it.
  failing.set(region.id, { times, until: Date.now() + (wait - every / 2) * 1000 });
}

function sayStopped(stopped) {
  const place = document.getElementById("stopped");
  const words = document.getElementById("stopped-words");
  if (!place || !words || stopped === place.hasChildNodes()) return;
  place.replaceChildren(...(stopped ? [words.content.cloneNode(true)] : []));
}

// A polled region carries the page's title and a sentence that is spoken when it changes.
function tell(spoken) {
  const told = document.querySelector("[data-title]");
  if (!told) return;
  document.title = told.dataset.title;
  const status = document.querySelector("[data-status]");
  if (!status || status.dataset.told === told.dataset.said) return;
  status.dataset.told = told.dataset.said;
  if (spoken) status.textContent = told.dataset.said;
}

document.addEventListener("htmx:afterSwap", () => tell(true));

// --- A session that is about to end.

// Of requests that meet its end together, the first leads on: to whoever asks later the login has
// no reason to tell.
let leaving = false;

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (xhr.status !== 401 || !xhr.getResponseHeader("HX-Redirect")) return;
  if (leaving) event.preventDefault();
  leaving = true;
});

function watchSession(dialog) {
  const warned = Number(dialog.dataset.warned) * 1000;
  let endsAt = Date.now() + Number(dialog.dataset.left) * 1000;
  let asking = false;

  const left = () => endsAt - Date.now();

  async function ask(options) {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(dialog.dataset.url, { ...options, headers });
    if (answer.status === 401) {
      if (leaving) return;
      leaving = true;
      window.location.assign(answer.headers.get("HX-Redirect") ?? dialog.dataset.login);
    } else if (answer.ok) {
      endsAt = Date.now() + (await answer.json()).left * 1000;
    }
  }

  // Asked first: in another window the same session may have gone on.
  async function look() {
    if (asking || leaving || left() > warned || (dialog.open && left() > 0)) return;
    asking = true;
    await ask({}).catch(() => {});
    asking = false;
    if (left() > warned) dialog.close();
    else if (!dialog.open && left() > 0) open();
  }

  function open() {
    const forms = [...document.querySelectorAll("main form:not(:has([data-keep]))")];
    const unsaved = forms.some(isChanged) || fileWaits();
    dialog.querySelector("[data-kept]").hidden = unsaved;
    dialog.querySelector("[data-unsaved]").hidden = !unsaved;
    dialog.showModal();
  }

  async function stay() {
    const body = new FormData(dialog.querySelector("form[data-stay]"));
    await ask({ method: "POST", body }).catch(() => {});
    if (left() > warned) dialog.close();
    else dialog.querySelector("[data-final]").hidden = false;
  }

  dialog.querySelector("form[data-stay]").addEventListener("submit", (event) => {
    event.preventDefault();
    stay();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("visibilitychange", look);
  window.setInterval(look, 5000);
}

function isChanged(form) {
  return form.method === "post" && [...form.elements].some((field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    const typed = field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && field.type !== "hidden");
    return typed && field.value !== field.defaultValue;
  });
}

// --- Passkeys: we give a challenge, the browser asks for the key, the form takes its answer along.

function offerPasskey(place) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  const form = place.closest("form");
  const told = place.querySelector("[data-failed]");
  place.hidden = false;
  for (const missing of form.querySelectorAll("[data-passkey-missing]")) missing.hidden = true;
  place.querySelector("button").addEventListener("click", async () => {
    told.textContent = "";
    try {
      const options = await challengeOf(place.dataset.passkey, form);
      if (options) form.elements.passkey.value = JSON.stringify(await askForPasskey(options));
      if (options !== undefined) form.requestSubmit();
    } catch (error) {
      told.textContent = error.name === "InvalidStateError" ? told.dataset.known : told.dataset.failed;
    }
  });
}

// What is to be signed; null where the form itself is wrong, and is sent to be told so.
async function challengeOf(url, form) {
  const headers = { "HX-Request": "true" };
  const answer = await fetch(url, { method: "POST", body: new FormData(form), headers });
  if (answer.status === 422) return null;
  if (answer.status === 401) {
    window.location.assign(answer.headers.get("HX-Redirect") ?? "/login");
    return undefined;
  }
  return answer.json();
}

async function askForPasskey(options) {
  const credential = options.user
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return credential.toJSON();
}

// --- At the start of a page.

document.addEventListener("DOMContentLoaded", () => {
  const summary = document.getElementById("hiba");
  if (summary) summary.focus();
  // A form that was not refused has led on, and the address of its summary with it.
  else if (location.hash === "#hiba") history.replaceState(history.state, "", location.pathname + location.search);
  document.querySelectorAll("[data-passkey]").forEach(offerPasskey);
  const dialog = document.getElementById("idle");
  if (dialog) watchSession(dialog);
  // A page that has loaded itself again, because the state has changed, says the new one.
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  tell(again);
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});

// What was typed since the last save of a draft is sent on leaving; a form that is sent saves itself.
const unsaved = new Set();

document.addEventListener("input", (event) => {
  const keeper = event.target.form && event.target.form.querySelector("[data-keep]");
  if (keeper) unsaved.add(keeper);
});

document.addEventListener("htmx:beforeRequest", (event) => unsaved.delete(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => {
  const keeper = event.detail.elt;
  if (keeper.hasAttribute("data-keep") && !event.detail.successful) unsaved.add(keeper);
});

document.addEventListener("submit", (event) => {
  unsaved.delete(event.target.querySelector("[data-keep]"));
});

// A form that is sent while what was typed in it is being kept waits for that, and takes along the
// version that it brings: its own keeping is no change in another window.
const busy = new Map();

document.addEventListener("htmx:beforeSend", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) busy.set(form, null);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  const held = busy.get(form);
  busy.delete(form);
  if (held) form.requestSubmit(held.submitter);
});

document.addEventListener("submit", (event) => {
  if (!busy.has(event.target)) return;
  event.preventDefault();
  busy.set(event.target, { submitter: event.submitter });
});

window.addEventListener("pagehide", () => {
  for (const keeper of unsaved) {
    const typed = new FormData(keeper.closest("form"));
    // A file is not typed, and too large to be sent on leaving.
    for (const [name, value] of [...typed]) if (value instanceof File) typed.delete(name);
    navigator.sendBeacon(keeper.dataset.keep, typed);
  }
  unsaved.clear();
});

// A file that was chosen and not sent yet cannot be kept: the browser asks before it is lost, and no
// poll loads its page anew; the region says after a while that it has stopped.
const fileWaits = () =>
  [...document.querySelectorAll("main input[type=file]")].some((field) => field.files.length > 0);

let sending = false;

document.addEventListener("submit", (event) => {
  sending = event.target.querySelector("input[type=file]") !== null;
});

window.addEventListener("beforeunload", (event) => {
  if (!sending && !leaving && fileWaits()) event.preventDefault();
  // Whoever goes elsewhere while it is being sent is asked again.
  sending = false;
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh") && fileWaits()) event.preventDefault();
});

// A link that looks like a button is pressed as one.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
});

// The item that is chosen in the menu's picture is in the middle of its window.
document.addEventListener("DOMContentLoaded", () => {
  const chosen = document.querySelector(".picture .chosen .frame");
  if (!chosen) return;
  const picture = chosen.closest(".picture");
  const [frame, pane] = [chosen.getBoundingClientRect(), picture.getBoundingClientRect()];
  picture.scrollLeft += frame.left + frame.width / 2 - pane.left - pane.width / 2;
  picture.scrollTop += frame.top + frame.height / 2 - pane.top - pane.height / 2;
});

// htmx notes the address of the page, for a history that is switched off: nothing is to stay.
try {
  sessionStorage.removeItem("htmx-current-path-for-history");
} catch {
  // The browser keeps nothing at all.
}
