// Two columns that scroll together: top with top, end with end, and between them what was last brought side by side.
class Columns {
  constructor(notes) {
    this.notes = notes;
    this.meeting = [0, 0];
    this.set = [0, 0];
    notes.forEach((note, side) => note.addEventListener("scroll", () => this.follow(side)));
  }

  most(side) {
    return this.notes[side].scrollHeight - this.notes[side].clientHeight;
  }

  follow(side) {
    const at = this.notes[side].scrollTop;
    // What this script has scrolled to is no wish of the reader's.
    if (Math.abs(at - this.set[side]) < 2) return;
    this.set[side] = at;
    const [from, to] = [this.meeting[side], this.meeting[1 - side]];
    const above = at <= from;
    const [length, other] = above ? [from, to] : [this.most(side) - from, this.most(1 - side) - to];
    const part = length > 0 ? (at - (above ? 0 : from)) / length : above ? 1 : 0;
    this.scroll(1 - side, (above ? 0 : to) + part * other);
  }

  scroll(side, top) {
    this.notes[side].scrollTop = top;
    this.set[side] = this.notes[side].scrollTop;
  }

  // Brings two sentences to the same height: that of the one of `side`, if there is a side and the sentence is seen.
  meet(sentences, side) {
    const seen = side === undefined ? -1 : sentences[side].offsetTop - this.notes[side].scrollTop;
    const room = Math.min(...this.notes.map((note, place) => note.clientHeight - sentences[place].offsetHeight));
    const height = seen >= 0 && seen <= room ? seen : Math.max(0, Math.min(room, this.notes[0].clientHeight / 4));
    const to = (wanted) => sentences.map((sentence, place) => {
      this.scroll(place, sentence.offsetTop - wanted);
      return sentence.offsetTop - this.notes[place].scrollTop;
    });
    // Near an end of its note a sentence is not brought all the way, and the other waits for it there.
    const [left, right] = to(height);
    if (side === undefined && left !== right) to(Math.min(room, Math.abs(left - height) > Math.abs(right - height) ? left : right));
    this.meeting = [...this.set];
  }
}

// A reason that is chosen is marked wherever it stands, and its two sentences are brought side by side.
class Reasons {
  constructor(reasons) {
    this.reasons = reasons;
    this.both = document.querySelector(".both");
    this.notes = ["left", "right"].map((side) => document.querySelector(`.note[data-side="${side}"]`));
    this.columns = new Columns(this.notes);
    this.current = null;
    for (const chip of document.querySelectorAll(".chip")) chip.addEventListener("click", (event) => this.chip(event, chip));
    for (const band of document.querySelectorAll(".reason")) band.addEventListener("click", () => this.unlessSelecting(() => this.choose(Number(band.dataset.reason))));
    this.notes.forEach((note, side) => {
      for (const sentence of note.querySelectorAll(".marked, .alike.s")) sentence.addEventListener("click", () => this.unlessSelecting(() => this.next(sentence, side)));
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  sentence(side, position) {
    return this.notes[side].querySelector(`[data-i="${position}"]`);
  }

  unlessSelecting(act) {
    if (!String(getSelection())) act();
  }

  chip(event, chip) {
    event.stopPropagation();
    const sentence = chip.closest(".s");
    const side = sentence ? this.notes.indexOf(sentence.closest(".note")) : undefined;
    this.choose(Number(chip.dataset.reason), side, sentence && Number(sentence.dataset.i));
    // By keyboard one goes on from where one was taken to.
    if (event.detail === 0 && chip.closest(".reason")) this.notes[0].querySelector(`.on .chip[data-reason="${this.current}"]`).focus({ preventScroll: true });
  }

  // A sentence of several reasons goes from one to the next.
  next(sentence, side) {
    const own = [...sentence.querySelectorAll(".chip")].map((chip) => Number(chip.dataset.reason));
    const at = sentence.classList.contains("on") ? own.indexOf(this.current) : -1;
    this.choose(own[(at + 1) % own.length], side, Number(sentence.dataset.i));
  }

  choose(reason, side, position) {
    const pairs = this.reasons[reason];
    const pair = pairs.find((each) => side !== undefined && each[side] === position) ?? pairs[0];
    this.clear();
    this.current = reason;
    const sentences = pair.map((place, which) => this.sentence(which, place));
    for (const each of sentences) {
      each.classList.add("on");
      each.setAttribute("aria-current", "true");
      each.style.setProperty("--hue", `var(--r${reason + 1})`);
    }
    for (const chip of document.querySelectorAll(`.chip[data-reason="${reason}"]`)) chip.setAttribute("aria-pressed", "true");
    const band = document.querySelector(`.reason[data-reason="${reason}"]`);
    band.classList.add("on");
    const more = pairs.length > 1 ? `, pair ${pairs.indexOf(pair) + 1} of ${pairs.length}` : "";
    this.both.querySelector(".now").textContent = `Reason ${reason + 1} of ${this.reasons.length}: share ${band.querySelector("b").textContent}${more}`;
    this.both.scrollIntoView({ block: side === undefined ? "start" : "nearest" });
    this.columns.meet(sentences, side);
    sentences[side === undefined ? 0 : 1 - side].scrollIntoView({ block: "nearest" });
  }

  clear() {
    for (const each of document.querySelectorAll(".s.on, .reason.on")) {
      each.classList.remove("on");
      each.removeAttribute("aria-current");
      each.style.removeProperty("--hue");
    }
    for (const chip of document.querySelectorAll('.chip[aria-pressed="true"]')) chip.setAttribute("aria-pressed", "false");
    this.both.querySelector(".now").textContent = "";
    this.current = null;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const isHere = event.target.closest?.(".reasons, .both");
    if (event.key === "Escape" && isHere) return this.clear();
    const arrow = isHere && { ArrowRight: 1, ArrowLeft: -1, ...(event.target.closest(".chip") ? { ArrowDown: 1, ArrowUp: -1 } : {}) }[event.key];
    // Where keys are kept together, and can be switched off, these two are among them.
    const step = (typeof keys === "undefined" && { n: 1, p: -1 }[event.key]) || arrow;
    if (!step) return;
    event.preventDefault();
    this.step(step);
  }

  step(step) {
    const from = this.current ?? (step > 0 ? -1 : 0);
    this.choose((from + step + this.reasons.length) % this.reasons.length);
  }
}

const reasons = data.reasons?.length ? new Reasons(data.reasons) : null;
if (reasons) {
  if (typeof keys !== "undefined") {
    keys.add({ key: "n", says: "Next reason", run: () => reasons.step(1) });
    keys.add({ key: "p", says: "Previous reason", run: () => reasons.step(-1) });
  }
}
else if (data.reasons) new Columns([...document.querySelectorAll(".note")]);
