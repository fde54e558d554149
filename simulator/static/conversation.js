// One telephone's messages as bubbles, the newest at the bottom.

const STATUSES = {
  accepted: "elfogadva",
  queued: "sorban áll",
  sent: "elküldve",
  delivered: "kézbesítve",
  undelivered: "nem kézbesíthető",
  failed: "sikertelen",
};

/** A number as it is printed; what is no Hungarian number stays as it is. */
export function printed(number) {
  return number
    .replace(/^\+36(1)(\d{3})(\d{4})$/, "+36 $1 $2 $3")
    .replace(/^\+36(\d{2})(\d{3})(\d{3,4})$/, "+36 $1 $2 $3");
}

export class Conversation {
  #list;
  #items = new Map();
  #last = null;

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#list.replaceChildren();
    this.#items.clear();
    this.#last = null;
  }

  /** Show these messages and no others; what is shown already is only brought up to date. */
  show(messages) {
    const shown = new Set(messages.map((message) => message.sid));
    for (const [sid, item] of this.#items) {
      if (shown.has(sid)) continue;
      item.remove();
      this.#items.delete(sid);
    }
    let added = false;
    for (const message of messages) {
      added ||= !this.#items.has(message.sid);
      const item = this.#items.get(message.sid) ?? this.#add(message);
      item.classList.toggle("wrong", message.error_code !== null);
      item.querySelector(".about").textContent = about(message);
    }
    if (added) this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** Tell something that is no message, once in a row. */
  note(text) {
    if (this.#last === text) return;
    const item = document.createElement("li");
    item.className = "note warning";
    item.textContent = text;
    this.#append(item);
    this.#last = text;
  }

  #add(message) {
    const item = document.createElement("li");
    item.className = message.direction === "inbound" ? "bubble mine" : "bubble";
    for (const kind of ["text", "about"]) {
      const part = document.createElement("p");
      part.className = kind;
      item.append(part);
    }
    item.firstChild.textContent = message.body;
    if (this.#items.size === 0) this.#list.replaceChildren();
    this.#items.set(message.sid, item);
    this.#append(item);
    return item;
  }

  #append(item) {
    this.#list.append(item);
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#last = null;
  }
}

function about(message) {
  const inbound = message.direction === "inbound";
  const parts = message.num_segments > 0 ? [`${message.num_segments} rész`] : [];
  parts.push(message.encoding, when(message.created_at));
  if (!inbound) parts.push(STATUSES[message.status]);
  const error = message.error_code === null ? "" : ` (${message.error_code})`;
  return parts.join(" · ") + error;
}

function when(seconds) {
  const moment = new Date(seconds * 1000);
  const today = moment.toDateString() === new Date().toDateString();
  const day = today ? {} : { month: "short", day: "numeric" };
  return moment.toLocaleString("hu-HU", { ...day, hour: "2-digit", minute: "2-digit" });
}
