// Speaking captions with the browser's own voices.

const RATE = 1.05; // of words that are spoken at the usual speed
const LONGEST_SILENCE = 4000; // ms on top of twice the estimate: some engines never report the end

export class Voice {
  #synthesis = window.speechSynthesis;
  #voices = [];
  #waiting = 0;
  #turn = 0;
  #listeners = [];
  on = true;

  constructor(changed) {
    if (!this.#synthesis) return;
    this.#voices = this.#synthesis.getVoices();
    // Most browsers find their voices only after the page has been loaded.
    this.#synthesis.addEventListener?.("voiceschanged", () => {
      this.#voices = this.#synthesis.getVoices();
      changed();
    });
  }

  /** The voice for a language tag such as hu-HU, a local one first; undefined if there is none. */
  #find(language) {
    const wanted = language.slice(0, 2).toLowerCase();
    const fitting = this.#voices.filter((voice) => voice.lang.toLowerCase().startsWith(wanted));
    return fitting.find((voice) => voice.localService) ?? fitting[0];
  }

  speaks(language) {
    return this.#find(language) !== undefined;
  }

  get busy() {
    return this.#waiting > 0;
  }

  /** Speak a caption after those before it, so many times as fast as usual; ellipses are rests. */
  say(caption, language, seconds, rate) {
    const voice = this.on && language && this.#find(language);
    if (!voice) return;
    const turn = this.#turn;
    const parts = caption.split("…").map((part) => part.trim()).filter(Boolean);
    this.#waiting += parts.length;
    for (const part of parts) {
      const words = new SpeechSynthesisUtterance(part);
      words.voice = voice;
      words.lang = voice.lang;
      words.rate = RATE * rate;
      let open = true;
      const end = () => {
        if (!open || turn !== this.#turn) return;
        open = false;
        clearTimeout(guard);
        this.#waiting -= 1;
        if (!this.busy) this.#release();
      };
      const guard = setTimeout(end, seconds * 2000 + LONGEST_SILENCE);
      words.addEventListener("end", end);
      words.addEventListener("error", end);
      this.#synthesis.speak(words);
    }
  }

  /** Fall silent at once and forget what was still to be said. */
  stop() {
    this.#turn += 1;
    this.#waiting = 0;
    this.#synthesis?.cancel();
    this.#release();
  }

  /** Resolves when nothing is left to say. */
  idle() {
    return this.busy ? new Promise((resolve) => this.#listeners.push(resolve)) : Promise.resolve();
  }

  #release() {
    for (const resolve of this.#listeners.splice(0)) resolve();
  }
}
