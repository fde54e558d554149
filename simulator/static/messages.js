// The message page: it looks at the simulator's log every other second and writes in the name of
// the recipient.

import { Conversation, printed } from "./conversation.js";
import { FaultPanel } from "./faults.js";

const POLL = 2000; // ms between two looks at the log
const NEWEST = 500; // how many messages are looked at

const $ = (selector) => document.querySelector(selector);
const main = $("main");
const conversation = new Conversation($("#bubbles"));
const faults = new FaultPanel($("#faults"), $("#active"), $("#faults-state"), main.dataset.faults);

let log = { messages: [], opted_out: [], failures: [], opt_out: "off" };
let number = ""; // whose telephone is looked at
let looking = null; // the look that is under way

// --- talking to the simulator

async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    cache: "no-store",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function look() {
  try {
    log = await send("GET", `${main.dataset.log}?newest=${NEWEST}`);
    $("#opt-out").value = log.opt_out;
    await faults.refresh();
  } catch {
    conversation.note("A szimulátor nem érhető el.");
    return;
  }
  show();
}

async function poll() {
  if (!document.hidden) await (looking ??= look().finally(() => (looking = null)));
  setTimeout(poll, POLL);
}

/** Look at once, and at what is newer than any look that is under way. */
async function refresh() {
  await looking;
  await look();
}

async function reply(body) {
  const reached = log.messages.findLast((each) => telephone(each) === number && each.from !== number);
  const to = reached?.from ?? main.dataset.sender;
  try {
    const { failures } = await send("POST", main.dataset.replies, { from: number, to, body });
    await refresh();
    for (const failure of failures) {
      conversation.note(`A szolgáltatás nem fogadta az üzenetet (${failure.code}).`);
    }
  } catch {
    conversation.note("Az üzenetet nem sikerült elküldeni: a szimulátor nem érhető el.");
  }
}

// --- what the page shows

/** The number of the customer's telephone that a message belongs to. */
function telephone(message) {
  return message.direction === "inbound" ? message.from : message.to;
}

function show() {
  const newest = new Map(); // by telephone, in the order of their last message
  for (const message of log.messages) {
    newest.delete(telephone(message));
    newest.set(telephone(message), message);
  }
  const numbers = [...newest.keys()].reverse();
  if (number === "" && numbers.length > 0) open(numbers[0]);
  if (number !== "" && !newest.has(number)) numbers.unshift(number);
  $("#numbers").replaceChildren(...numbers.map((each) => entry(each, newest.get(each))));
  conversation.show(log.messages.filter((each) => telephone(each) === number));
  $("#opted-out").hidden = !log.opted_out.some(([recipient]) => recipient === number);
  const failed = log.failures.length;
  $("#failures").hidden = failed === 0;
  $("#failures").textContent = `A szolgáltatás ${failed} értesítést nem fogadott (utoljára: ${log.failures.at(-1)?.code}).`;
}

function entry(each, message) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "number";
  button.dataset.number = each;
  if (each === number) button.setAttribute("aria-current", "true");
  for (const [kind, text] of [["who", printed(each)], ["last", message?.body ?? "nincs üzenet"]]) {
    const part = document.createElement("span");
    part.className = kind;
    part.textContent = text;
    button.append(part);
  }
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function open(each) {
  number = each;
  conversation.clear();
  $("#conversation-title").textContent = printed(each);
  for (const field of document.querySelectorAll("#reply :disabled")) field.disabled = false;
}

// --- what is pressed

$("#numbers").addEventListener("click", (event) => {
  const button = event.target.closest(".number");
  if (!button) return;
  open(button.dataset.number);
  show();
  document.querySelector(".number[aria-current]")?.focus();
});
$("#other").addEventListener("submit", (event) => {
  event.preventDefault();
  open($("#other-number").value.replaceAll(" ", ""));
  $("#other-number").value = "";
  show();
  $("#reply-body").focus();
});
$("#reply").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = $("#reply-body").value.trim();
  $("#reply-body").value = "";
  if (body) reply(body);
});
$("#reply-body").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("#reply").requestSubmit();
});
for (const button of document.querySelectorAll("#reply [data-body]")) {
  button.addEventListener("click", () => reply(button.dataset.body));
}
$("#opt-out").addEventListener("change", (event) =>
  send("PUT", main.dataset.optOut, { mode: event.target.value }).catch(() => look()),
);
poll();
