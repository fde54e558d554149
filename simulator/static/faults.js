// The panel of faults: each strikes never, the next so many, by chance, or at certain numbers.

export class FaultPanel {
  #form;
  #active;
  #state;
  #path;
  #touched = false;

  constructor(form, active, state, path) {
    this.#form = form;
    this.#active = active;
    this.#state = state;
    this.#path = path;
    form.addEventListener("input", () => {
      this.#touched = true;
      this.#state.textContent = "";
      this.#showValues();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set();
    });
    form.querySelector("#no-faults").addEventListener("click", () => this.#clear());
    this.#showValues();
  }

  /** Show what is set now, unless somebody is filling the form in. Rejects without an answer. */
  async refresh() {
    const response = await fetch(this.#path, { cache: "no-store" });
    if (!response.ok) throw new Error(`${response.status}`);
    this.#show(await response.json());
  }

  async #set() {
    const wanted = Object.fromEntries(this.#rows().filter(isOn).map((row) => [row.dataset.name, settings(row)]));
    await this.#send(
      { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) },
      "Beállítva.",
    );
  }

  async #clear() {
    await this.#send({ method: "DELETE" }, "Minden hiba kikapcsolva.");
  }

  async #send(request, done) {
    try {
      const response = await fetch(this.#path, request);
      if (!response.ok) throw new Error(`${response.status}`);
      this.#touched = false;
      await this.refresh();
      this.#state.textContent = done;
    } catch {
      this.#state.textContent = "A beállítás nem sikerült.";
    }
  }

  #show(faults) {
    const on = Object.values(faults).filter(kindOf).length;
    this.#active.textContent = on ? `(${on} bekapcsolva)` : "(mind kikapcsolva)";
    if (this.#touched) return;
    for (const row of this.#rows()) {
      const fault = faults[row.dataset.name];
      const kind = kindOf(fault);
      how(row).value = kind;
      if (kind === "next") field(row, kind).value = fault.next;
      if (kind === "probability") field(row, kind).value = Math.round(fault.probability * 1000) / 10;
      if (kind === "recipients") field(row, kind).value = fault.recipients.join(" ");
      for (const name of ["seconds", "code", "status"]) {
        if (name in fault && field(row, name)) field(row, name).value = fault[name];
      }
    }
    this.#showValues();
  }

  #showValues() {
    for (const row of this.#rows()) {
      row.querySelector(".values").hidden = !isOn(row);
      for (const input of row.querySelectorAll(".values [name]")) {
        const used = isOn(row) && (!input.matches(".amount") || input.name === how(row).value);
        input.disabled = !used;
        input.closest("label").hidden = !used;
      }
    }
  }

  #rows() {
    return [...this.#form.querySelectorAll(".fault")];
  }
}

const how = (row) => row.querySelector(".how");
const isOn = (row) => how(row).value !== "";
const field = (row, name) => row.querySelector(`[name="${name}"]`);

function kindOf(fault) {
  if (fault.recipients.length > 0) return "recipients";
  if (fault.next > 0) return "next";
  return fault.probability > 0 ? "probability" : "";
}

function settings(row) {
  const found = {};
  for (const input of row.querySelectorAll(".values [name]:enabled")) {
    if (input.name === "recipients") found.recipients = input.value.trim().split(/[\s,;]+/);
    else if (input.name === "probability") found.probability = Number(input.value) / 100;
    else found[input.name] = Number(input.value);
  }
  return found;
}
