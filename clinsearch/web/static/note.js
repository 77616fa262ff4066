// A sentence that is chosen shows, at the side, what is like it and its words; a word that is chosen, where else it stands.
const MOST_CHARACTERS = 2000;
const LISTED = 8;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu;

class NotePage {
  constructor() {
    this.text = document.querySelector(".text");
    this.panel = document.querySelector(".panel");
    this.sides = document.querySelector(".sides");
    this.current = null;
    this.asked = 0;
    document.documentElement.classList.add("js");
    const first = this.text.querySelector(".s:has(.here)") ?? this.text.querySelector(".s");
    for (const sentence of this.text.getElementsByClassName("s")) {
      sentence.setAttribute("role", "button");
      sentence.setAttribute("aria-pressed", "false");
      sentence.tabIndex = sentence === first ? 0 : -1;
    }
    this.focusable = first;
    this.text.addEventListener("click", (event) => this.click(event));
    this.text.addEventListener("dblclick", () => this.selected());
    this.text.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !this.panel.hidden && !document.querySelector("dialog[open]")) this.close(); });
    if (typeof keys !== "undefined") {
      const isHere = () => document.querySelector(".s") !== null;
      keys.add({ key: "j", says: "Next sentence", run: () => this.step(1), when: isHere });
      keys.add({ key: "k", says: "Previous sentence", run: () => this.step(-1), when: isHere });
      keys.add({ key: "n", says: "Next place that was found", run: () => this.hit(1), when: () => document.querySelector("mark") !== null });
      keys.add({ key: "p", says: "Previous place that was found", run: () => this.hit(-1), when: () => document.querySelector("mark") !== null });
    }
    this.show();
  }

  // To the place that the address points to.
  show() {
    const here = this.text.querySelector(".here") ?? this.text.querySelector("mark");
    if (here && !location.hash) here.scrollIntoView({ block: "center" });
  }

  sentences() {
    return [...this.text.getElementsByClassName("s")];
  }

  focus(sentence) {
    if (this.focusable) this.focusable.tabIndex = -1;
    this.focusable = sentence;
    sentence.tabIndex = 0;
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const all = this.sentences();
    const at = document.activeElement?.closest(".s") === this.focusable ? all.indexOf(this.focusable) + by : all.indexOf(this.focusable);
    const next = all[Math.max(0, Math.min(all.length - 1, at))];
    if (next) this.focus(next);
  }

  hit(by) {
    const all = [...this.text.querySelectorAll("mark")].map((mark) => mark.closest(".s")).filter((each, place, list) => each && each !== list[place - 1]);
    if (!all.length) return;
    const at = all.indexOf(this.focusable);
    const next = all[(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by + all.length) % all.length];
    this.focus(next);
    next.scrollIntoView({ block: "center" });
  }

  key(event) {
    const sentence = event.target.closest(".s");
    if (!sentence || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.step(step);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const all = this.sentences();
      this.focus(event.key === "Home" ? all[0] : all[all.length - 1]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(sentence);
      this.panel.focus();
    }
  }

  click(event) {
    const sentence = event.target.closest(".s");
    // Who selects text, or clicks twice for a word, does not choose the sentence.
    if (!sentence || String(getSelection()) || event.detail > 1) return;
    this.focus(sentence);
    this.choose(sentence);
  }

  // A word that is clicked twice is selected by the browser.
  selected() {
    const selection = getSelection();
    const word = String(selection).trim();
    const sentence = selection.anchorNode?.parentElement?.closest(".s");
    if (!word || !sentence || /\s/.test(word)) return;
    const before = document.createRange();
    before.setStart(sentence, 0);
    before.setEnd(selection.getRangeAt(0).startContainer, selection.getRangeAt(0).startOffset);
    const lead = String(selection).length - String(selection).trimStart().length;
    this.open(sentence);
    this.word(word, this.offset(sentence, String(before).length + lead));
  }

  // Offsets of the library count characters, those of a script units of UTF-16.
  offset(sentence, units) {
    return Number(sentence.dataset.from) + [...sentence.textContent.slice(0, units)].length;
  }

  open(sentence) {
    if (this.current) this.current.setAttribute("aria-pressed", "false");
    this.current = sentence;
    sentence.setAttribute("aria-pressed", "true");
    this.panel.hidden = false;
    this.panel.tabIndex = -1;
    this.sides.classList.add("open");
    const close = make("button", { type: "button" }, "Close");
    close.addEventListener("click", () => this.close());
    const said = [...new Set([...sentence.querySelectorAll(".said")].map((each) => each.title))];
    const quote = make("blockquote", { dir: "auto" }, sentence.textContent.trim().slice(0, MOST_CHARACTERS));
    this.about = make("div", { "aria-live": "polite" });
    this.panel.replaceChildren(
      make("div", { class: "top" }, make("h2", {}, "This sentence"), close), quote,
      ...(said.length ? [make("p", { class: "remark" }, `Not simply so: ${said.join("; ")}.`)] : []),
      make("h2", {}, "A word elsewhere"), this.wordButtons(sentence), this.about,
    );
  }

  wordButtons(sentence) {
    const list = make("div", { class: "words", role: "group", "aria-label": "Words of the sentence" });
    for (const found of sentence.textContent.slice(0, MOST_CHARACTERS).matchAll(WORD)) {
      const button = make("button", { type: "button" }, isolated(found[0]));
      button.addEventListener("click", () => this.word(found[0], this.offset(sentence, found.index)));
      list.append(button);
    }
    return list;
  }

  choose(sentence) {
    this.open(sentence);
    const text = sentence.textContent.replace(/\s+/g, " ").trim();
    const asked = new URLSearchParams({ q: [...text].slice(0, MOST_CHARACTERS).join(""), level: "sentence" });
    const place = new URLSearchParams({ id: data.note, start: sentence.dataset.start, k: LISTED });
    this.list(`/api/v1/note/alike?${place}`, "Similar sentences", `/?${asked}`, (hits) => hits.map((hit) => this.row(hit, [hit.sentence ?? ""])));
  }

  word(word, at) {
    const asked = new URLSearchParams({ word, note: data.note, at });
    const whole = this.current.textContent;
    const units = [...whole].slice(0, at - Number(this.current.dataset.from)).join("").length;
    const folded = (text) => text.replace(/\s+/g, " ");
    const text = `${folded(whole.slice(0, units))}[${word}]${folded(whole.slice(units + word.length))}`.trim();
    // A search takes the word in brackets, and no other brackets.
    const on = /[[\]]/.test(whole) || text.length > MOST_CHARACTERS ? null : `/?${new URLSearchParams({ level: "token", q: text })}`;
    const marked = (hit) => {
      const signs = [...hit.sentence];
      const cut = (from, to) => signs.slice(Math.max(0, from), to).join("");
      const lead = hit.word_start > 90 ? "…" : "";
      return [lead + cut(hit.word_start - 90, hit.word_start), make("mark", {}, cut(hit.word_start, hit.word_end)), cut(hit.word_end, hit.word_end + 90)];
    };
    const why = (hit) => make("a", { href: `/why?${new URLSearchParams({ level: "token", word, of: data.note, at, note: hit.note_id, start: hit.start, end: hit.end })}` }, "why");
    this.list(`/api/v1/note/words?${asked}&k=${LISTED}`, `“${word}” in context elsewhere`, on, (hits) => hits.map((hit) => this.row(hit, marked(hit), why(hit))));
  }

  row(hit, content, ...more) {
    const to = `/note?${new URLSearchParams({ id: hit.note_id, start: hit.start, end: hit.end })}`;
    const about = [hit.note_type, hit.note_datetime?.slice(0, 10), hit.patient_id].filter(Boolean).join(", ");
    const link = make("a", { href: to, dir: "auto" }, ...content);
    return make("li", {}, make("b", {}, number(hit.score, 3)), " ", make("small", {}, isolated(about)), link, ...more);
  }

  async list(address, title, more, rows) {
    const turn = ++this.asked;
    const heading = make("h2", {}, title);
    const waiting = make("p", { class: "remark" }, "Searching …");
    this.about.replaceChildren(heading, waiting);
    const failed = (says) => waiting.replaceChildren(says);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      const found = await answer.json();
      if (turn !== this.asked) return;
      if (!answer.ok) return failed(found.error ?? `That did not work (${answer.status}).`);
      const items = rows(found);
      this.about.replaceChildren(heading, items.length ? make("ol", {}, ...items) : make("p", { class: "remark" }, "Nothing else is like it."), ...(more ? [make("p", {}, make("a", { href: more }, "All of them, as a search"))] : []));
    } catch {
      if (turn === this.asked) failed("The server does not answer. Is it still running?");
    }
  }

  close() {
    this.panel.hidden = true;
    this.sides.classList.remove("open");
    this.current?.setAttribute("aria-pressed", "false");
    this.current?.focus({ preventScroll: true });
    this.current = null;
    this.asked++;
  }
}

new NotePage();
