// The web phone. The simulator keeps the call and its virtual clock; this page decides how fast
// that clock runs: while a voice speaks it stands still, otherwise it keeps to real time.

import { Captions } from "./captions.js";
import { Voice } from "./voice.js";

const STATES = {
  fetching: "Kapcsolódás…",
  speaking: "A vonal beszél",
  pausing: "Szünet",
  gathering: "Gombnyomásra vár",
  dialling: "Kicseng…",
  talking: "Beszélgetés az ügyintézővel",
  queued: "Várakozás az ügyintézőre",
  ended: "A hívás véget ért",
};
const TICK = 1000; // ms of real time between two ticks while nothing speaks
const HEARTBEAT = 20000; // ms between signs of life while a voice speaks
const KEY_PACE = 300; // ms between the keys of a hint
const FIELDS = "#called, #called-number, #caller, #caller-number, #far-end";

const $ = (selector) => document.querySelector(selector);
const main = $("main");
const captions = new Captions($("#captions"));
const voice = new Voice(showVoice);

let call = null; // the simulator's last word on the call, or null when there is none
let jobs = Promise.resolve(); // requests go out one after the other
let plan = 0; // which plan is valid; an older one finds a higher number and does nothing
let timer = 0;

// --- talking to the simulator

async function post(path, body) {
  const response = await fetch(main.dataset.calls + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

/** Do something to the call after everything before it, then pass the time of its webhook. */
function job(path, body) {
  jobs = jobs.then(async () => {
    if (path !== "" && (!call || call.state === "ended")) return;
    try {
      take(await post(path && `/${call.id}${path}`, body));
      while (call.state === "fetching") {
        take(await post(`/${call.id}/tick`, { seconds: call.seconds_left }));
      }
    } catch {
      lose();
    }
    schedule();
  });
  return jobs;
}

function take(view) {
  call = view;
  for (const event of view.events) {
    captions.show(event);
    if (event.type === "Heard") voice.say(event.text, event.language, event.seconds, event.rate);
    if (event.type === "Interrupted" || event.type === "Ended") cutShort();
  }
  showState();
}

function lose() {
  cutShort();
  call = null;
  captions.tell("A hívás megszakadt: a szimulátor nem érhető el, vagy a hívást már elfelejtette.");
  showState();
}

// --- the clock

/** Nothing that was planned for the clock may happen any more. */
function forgetPlan() {
  plan += 1;
  clearTimeout(timer);
}

function cutShort() {
  forgetPlan();
  voice.stop();
}

/** Let the clock run on from what the simulator said last. */
function schedule() {
  forgetPlan();
  if (!call || call.state === "ended") return;
  const mine = plan;
  if (voice.busy) {
    timer = setTimeout(() => mine === plan && job("/tick", { seconds: 0 }), HEARTBEAT);
    voice.idle().then(() => mine === plan && job("/tick", { seconds: call.seconds_left }));
    return;
  }
  const began = performance.now();
  const wait = Math.min(TICK, call.seconds_left * 1000);
  timer = setTimeout(() => {
    const passed = Math.min((performance.now() - began) / 1000, call.seconds_left);
    if (mine === plan) job("/tick", { seconds: Math.min(passed, 60) });
  }, wait);
}

// --- what the caller does

/** A number as the carrier gives it: +36 for 06, and nothing that is only for the eye. */
function international(number) {
  if (!/^[+\d\s()/.-]+$/.test(number)) return number.trim();
  return number.replace(/[\s()/.-]/g, "").replace(/^06/, "+36").replace(/^00/, "+");
}

/** What is chosen in a list of numbers, or typed when none of them is. */
function number(id) {
  return $(`#${id}`).value || international($(`#${id}-number`).value);
}

function dial() {
  const missing = ["called", "caller"].find((id) => !number(id));
  if (missing) {
    $(`#${missing}-number`).focus();
    return;
  }
  captions.clear();
  call = null;
  const far_end = $("#far-end").value;
  job("", { from: number("caller"), to: number("called"), dial_outcome: far_end });
}

function press(key) {
  if (!call || call.state === "ended") return;
  if (call.collecting) cutShort();
  else forgetPlan();
  const button = $(`.key[data-key="${key}"]`);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
  job("/keys", { keys: key });
}

function hangUp() {
  cutShort();
  job("/hangup", {});
}

/** Type a hint, each key when the line is ready to hear it. */
async function type(keys) {
  const id = call?.id;
  for (const key of keys.replaceAll(" ", "")) {
    while (call?.id === id && call.state !== "ended" && !call.collecting) await rest(100);
    if (call?.id !== id || call.state === "ended") return;
    press(key);
    await rest(KEY_PACE);
    await jobs;
  }
}

const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// --- what the page shows

function showState() {
  const up = call !== null && call.state !== "ended";
  document.body.classList.toggle("in-call", up);
  const spoken = up && call.state === "gathering" && !call.quiet;
  $("#state").textContent = call ? (spoken ? STATES.speaking : STATES[call.state]) : "Nincs hívás";
  const now = Math.floor(call?.now ?? 0);
  const seconds = String(now % 60).padStart(2, "0");
  $("#time").textContent = call ? `${Math.floor(now / 60)}:${seconds}` : "";
  $("#dial").disabled = up;
  $("#hang-up").disabled = !up;
  for (const button of document.querySelectorAll(".key, .type")) button.disabled = !up;
  for (const field of document.querySelectorAll(FIELDS)) field.disabled = up;
}

/** Offer a field for a number that is not in its list, and the hints of the line to be called. */
function showNumbers() {
  for (const id of ["called", "caller"]) $(`#other-${id}`).hidden = $(`#${id}`).value !== "";
  const lists = [...document.querySelectorAll(".hints ul")];
  const fitting = lists.find((list) => list.dataset.line === number("called")) ?? lists[0];
  for (const list of lists) list.hidden = list !== fitting;
}

function showVoice() {
  const hungarian = voice.speaks("hu");
  const any = hungarian || voice.speaks("en");
  const box = $("#voice");
  if (box.disabled && any) box.checked = voice.on;
  box.disabled = !any;
  $("#voice-state").textContent = !any
    ? "ebben a böngészőben nem érhető el"
    : !voice.on
      ? "kikapcsolva"
      : hungarian
        ? "bekapcsolva"
        : "csak az angol szövegé, magyar hang nem érhető el";
}

$("#dial").addEventListener("click", dial);
$("#hang-up").addEventListener("click", hangUp);
$("#voice").addEventListener("change", (event) => {
  voice.on = event.target.checked;
  if (!voice.on) {
    cutShort();
    schedule();
  }
  showVoice();
});
for (const field of document.querySelectorAll(FIELDS)) field.addEventListener("input", showNumbers);
for (const button of document.querySelectorAll(".key")) {
  button.addEventListener("click", () => press(button.dataset.key));
}
for (const button of document.querySelectorAll(".type")) {
  button.addEventListener("click", () => type(button.dataset.keys));
}
document.addEventListener("keydown", (event) => {
  const editing = event.target.closest("input:not([type=checkbox]), select");
  if (editing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
});
window.addEventListener("pagehide", () => {
  if (!call || call.state === "ended") return;
  const body = new Blob(["{}"], { type: "application/json" });
  navigator.sendBeacon(`${main.dataset.calls}/${call.id}/hangup`, body);
});
showVoice();
showState();
showNumbers(); // a reloaded page may still have what was chosen before
