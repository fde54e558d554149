// The conversation as a list: what the line says, which keys were pressed, what happened.

const OUTCOMES = {
  answered: "Az ügyintéző felvette, a beszélgetés véget ért.",
  busy: "A hívott szám foglalt.",
  "no-answer": "A hívott szám nem vette fel.",
  failed: "A hívott szám nem érhető el.",
};
const ENDINGS = {
  caller: "Ön bontotta a hívást.",
  application: "A vonal bontotta a hívást.",
  error: "A hívás hiba miatt véget ért.",
  rejected: "A vonal nem fogadta a hívást.",
};

export class Captions {
  #list;
  #keys = null;

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#list.replaceChildren();
    this.#keys = null;
  }

  /** Show one event of the call as the simulator reports it. */
  show(event) {
    switch (event.type) {
      case "Heard":
        return this.#add("said", event.text, event.language);
      case "Interrupted":
        return [...this.#list.querySelectorAll(".said")].at(-1)?.classList.add("cut");
      case "Pressed":
        return this.#press(event.key);
      case "Lost":
        return this.#lose();
      case "Dialling":
        return this.#add("note", `Kapcsolás: ${event.number}`);
      case "Dialled":
        return this.#add("note", OUTCOMES[event.outcome]);
      case "CallWarning":
        return this.#add("note warning", `Figyelmeztetés (${event.code}): ${event.text}`);
      case "CallError":
        return this.#add("note error", `A szolgáltatás hibát adott (${event.code}): ${event.text}`);
      case "Ended":
        return this.#add("note", ENDINGS[event.by]);
    }
  }

  tell(text) {
    this.#add("note error", text);
  }

  #add(kind, text, language) {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = text;
    if (language) item.lang = language;
    this.#list.append(item);
    this.#keys = null;
    this.#list.scrollTop = this.#list.scrollHeight;
    return item;
  }

  #press(key) {
    this.#keys ??= this.#add("pressed", "");
    const pressed = document.createElement("kbd");
    pressed.textContent = key;
    this.#keys.append(pressed);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #lose() {
    const key = this.#keys?.lastElementChild;
    key?.classList.add("lost");
    key?.setAttribute("title", "Ekkor a vonal nem várt gombnyomást.");
  }
}
