const PARTNERS_LISTED = 8;
const LEVELS = 24;

function unpacked(shares, columns) {
  const bytes = Uint8Array.from(atob(shares), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const at = (row, column) => view.getFloat32(4 * (row * columns + column), true);
  let most = 1e-9;
  for (let place = 0; place < bytes.length; place += 4) most = Math.max(most, Math.abs(view.getFloat32(place, true)));
  return { at, most };
}

// A grid of shares as SVG: cells of one shade make one path, so that tens of thousands are drawn at once.
function heatMap(plot, grid) {
  const { rows, columns, size, margin, at, most } = grid;
  const width = margin.left + columns * size;
  const height = margin.top + rows * size;
  const svg = draw("svg", {
    width: width + margin.right, height: height + 4, viewBox: `0 0 ${width + margin.right} ${height + 4}`,
    tabindex: 0, role: "application", "aria-label": grid.label,
  });
  const paths = new Map();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const level = Math.round((at(row, column) / most) * LEVELS);
      if (!level) continue;
      const cell = `M${margin.left + column * size} ${margin.top + row * size}h${size}v${size}h${-size}z`;
      paths.set(level, (paths.get(level) ?? "") + cell);
    }
  }
  for (const [level, path] of paths) {
    const kind = level > 0 ? "raises" : "lowers";
    svg.append(draw("path", { d: path, class: kind, "fill-opacity": Math.abs(level) / LEVELS, "shape-rendering": "crispEdges" }));
  }
  svg.append(draw("rect", { x: margin.left, y: margin.top, width: columns * size, height: rows * size, class: "ground" }));
  grid.labels(svg);
  const cursor = draw("rect", { width: size, height: size, class: "cursor", visibility: "hidden" });
  svg.append(cursor);
  plot.replaceChildren(svg);
  moveOver(svg, cursor, grid);
}

// Points at cells with the mouse, or with the arrow keys.
function moveOver(svg, cursor, grid) {
  const { rows, columns, size, margin } = grid;
  let cell = null;
  function to(row, column, x, y) {
    cell = [row, column];
    cursor.setAttribute("x", margin.left + column * size);
    cursor.setAttribute("y", margin.top + row * size);
    cursor.setAttribute("visibility", "visible");
    const box = cursor.getBoundingClientRect();
    showTip(grid.tip(row, column), x ?? box.right, y ?? box.bottom);
  }
  function leave() {
    cell = null;
    tip.hidden = true;
    cursor.setAttribute("visibility", "hidden");
  }
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - margin.top) / size);
    const column = Math.floor((event.clientX - box.left - margin.left) / size);
    if (row < 0 || column < 0 || row >= rows || column >= columns) leave();
    else to(row, column, event.clientX, event.clientY);
  });
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("click", () => cell && grid.pick(...cell));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      const [row, column] = cell ? [cell[0] + step[0], cell[1] + step[1]] : [0, 0];
      to(Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column)));
    } else if (event.key === "Enter" && cell) grid.pick(...cell);
    else if (event.key === "Escape") leave();
  });
}

// Draws when there is something to see.
function whenOpen(details, drawIn) {
  const plot = details.querySelector(".plot");
  const drawOnce = () => details.open && !plot.firstChild && drawIn(plot);
  details.addEventListener("toggle", drawOnce);
  drawOnce();
}

// Two texts: a word that is pointed at, focused or clicked shows its partners on the other side.
class View {
  constructor(root, given) {
    this.shares = unpacked(given.shares, given.right.length);
    this.score = root.dataset.score;
    this.panel = root.querySelector(".partners");
    this.overview = [...this.panel.childNodes];
    this.sides = { left: this.side(root, "left", given.left), right: this.side(root, "right", given.right) };
    this.pinned = null;
    whenOpen(root.querySelector("details.heat"), (plot) => this.drawHeat(plot));
  }

  side(root, name, kept) {
    const text = root.querySelector(`[data-side="${name}"]`);
    const all = [...text.querySelectorAll(".w")];
    const words = kept.map((position) => all[position]);
    const known = new Set(words);
    for (const word of all) {
      word.classList.toggle("unknown", !known.has(word));
      word.isNegative = word.classList.contains("negative");
    }
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", `Words of ${text.parentElement.querySelector("figcaption").textContent}`);
    words.forEach((word, position) => {
      word.setAttribute("role", "button");
      word.setAttribute("aria-pressed", "false");
      word.tabIndex = position ? -1 : 0;
      word.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && !this.pinned && this.show(name, position));
      word.addEventListener("focus", () => !this.pinned && this.show(name, position));
      word.addEventListener("click", () => this.pin(name, position));
      word.addEventListener("keydown", (event) => this.key(event, name, position));
    });
    text.addEventListener("pointerleave", () => !this.pinned && !text.contains(document.activeElement) && this.clear());
    text.addEventListener("focusout", () => !this.pinned && this.clear());
    return { text, words, all };
  }

  share(side, own, other) {
    return side === "left" ? this.shares.at(own, other) : this.shares.at(other, own);
  }

  pin(side, position) {
    const isSame = this.pinned && this.pinned[0] === side && this.pinned[1] === position;
    this.pinned = isSame ? null : [side, position];
    this.show(side, position);
  }

  key(event, side, position) {
    const { words } = this.sides[side];
    const target = { ArrowRight: position + 1, ArrowDown: position + 1, ArrowLeft: position - 1, ArrowUp: position - 1, Home: 0, End: words.length - 1 }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      const next = words[Math.min(words.length - 1, Math.max(0, target))];
      for (const word of words) word.tabIndex = word === next ? 0 : -1;
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.pin(side, position);
    } else if (event.key === "Escape") {
      this.pinned = null;
      this.clear();
    }
  }

  show(side, position) {
    this.clear();
    // What stands below stays where it is.
    this.panel.style.minHeight ||= `${this.panel.offsetHeight}px`;
    const other = side === "left" ? "right" : "left";
    const own = this.sides[side];
    const shares = this.sides[other].words.map((_, partner) => this.share(side, position, partner));
    const most = Math.max(1e-9, ...shares.map(Math.abs));
    own.text.classList.add("away");
    own.words[position].classList.add("picked");
    own.words[position].setAttribute("aria-pressed", String(Boolean(this.pinned)));
    for (const word of this.sides[other].all) word.style.setProperty("--s", 0);
    this.sides[other].words.forEach((word, partner) => {
      word.style.setProperty("--s", Math.abs(shares[partner]) / most);
      word.classList.toggle("negative", shares[partner] < 0);
    });
    this.list(own.words[position], this.sides[other], shares, most);
  }

  list(word, { words, all }, shares, most) {
    const order = shares.map((_, partner) => partner).sort((a, b) => shares[b] - shares[a]);
    const listed = order.slice(0, PARTNERS_LISTED);
    const total = Number(word.dataset.part);
    const table = make("table");
    for (const partner of listed) {
      const bar = make("i", { class: shares[partner] < 0 ? "negative" : "" });
      bar.style.setProperty("--s", Math.abs(shares[partner]) / most);
      table.append(make("tr", {}, make("td", { class: "number" }, number(shares[partner])), make("td", { class: "bar" }, bar), make("td", {}, isolated(words[partner].textContent))));
    }
    const others = all.length - listed.length;
    if (others) {
      const rest = listed.reduce((left, partner) => left - shares[partner], total);
      table.append(make("tr", { class: "rest" }, make("td", { class: "number" }, number(rest)), make("td"), make("td", {}, `with ${others.toLocaleString("en")} others`)));
    }
    const pieces = word.title.slice(0, word.title.lastIndexOf(": "));
    const heading = make("h3", {}, isolated(word.textContent), ` has ${number(total)} of ${this.score}, by its partners`);
    if (pieces.includes(" ")) heading.append(make("span", { class: "pieces" }, " (", isolated(pieces), ")"));
    this.panel.replaceChildren(heading, table);
  }

  clear() {
    for (const { text, words, all } of Object.values(this.sides)) {
      text.classList.remove("away");
      for (const word of words) {
        word.classList.remove("picked");
        word.setAttribute("aria-pressed", "false");
      }
      for (const word of all) {
        word.style.removeProperty("--s");
        word.classList.toggle("negative", word.isNegative);
      }
    }
    this.panel.replaceChildren(...this.overview);
  }

  drawHeat(plot) {
    const rows = this.sides.left.words;
    const columns = this.sides.right.words;
    const label = (word) => word.title.slice(0, word.title.lastIndexOf(": "));
    const cut = (text) => (text.length > 22 ? `${text.slice(0, 21)}…` : text);
    const wide = (words) => 10 + 7 * Math.max(...words.map((word) => cut(label(word)).length));
    const grid = {
      rows: rows.length, columns: columns.length, size: 20, ...this.shares,
      margin: { left: wide(rows), top: wide(columns), right: 8 },
      label: "Shares of every pair of words; move with the arrow keys",
      tip: (row, column) => [make("b", {}, number(this.shares.at(row, column), 5)), " ", isolated(label(rows[row])), " ~ ", isolated(label(columns[column]))],
      pick: (row) => this.pin("left", row),
      labels(svg) {
        rows.forEach((word, row) => svg.append(draw("text", { x: grid.margin.left - 6, y: grid.margin.top + row * 20 + 14, "text-anchor": "end" }, cut(label(word)))));
        columns.forEach((word, column) => {
          const x = grid.margin.left + column * 20 + 14;
          svg.append(draw("text", { x, y: grid.margin.top - 6, transform: `rotate(-90 ${x} ${grid.margin.top - 6})` }, cut(label(word))));
        });
      },
    };
    heatMap(plot, grid);
  }
}

function drawSentences(plot, sentences) {
  const { left, right, names } = sentences;
  const shares = unpacked(sentences.shares, right.length);
  const chosen = plot.parentElement.querySelector(".chosen");
  const size = Math.max(4, Math.min(16, Math.floor(1000 / Math.max(left.length, right.length))));
  // A page that shows both notes has their sentences once.
  const text = (place, side) => place.text ?? document.querySelector(`.note[data-side="${side}"] [data-i="${place.i}"] .text`).textContent;
  const said = (place, side) => make("p", { dir: "auto" }, ...(place.section ? [make("small", {}, isolated(place.section)), " "] : []), text(place, side));
  const both = (row, column) => [said(left[row], "left"), said(right[column], "right")];
  const content = (row, column) => [make("b", {}, number(shares.at(row, column), 5)), ...both(row, column)];
  function pick(row, column) {
    const pair = document.querySelector(`.pair[data-left="${left[row].i}"][data-right="${right[column].i}"]`);
    if (pair) {
      pair.open = true;
      pair.scrollIntoView({ block: "start" });
      pair.querySelector("summary").focus();
      return;
    }
    const what = make("p", { class: "remark what" }, make("b", {}, number(shares.at(row, column), 5)), ` sentences ${left[row].i + 1} and ${right[column].i + 1}`);
    chosen.replaceChildren(what, ...both(row, column));
  }
  heatMap(plot, {
    rows: left.length, columns: right.length, size, ...shares, margin: { left: 24, top: 24, right: 8 },
    label: "Shares of every pair of sentences; move with the arrow keys",
    tip: content, pick,
    labels(svg) {
      svg.append(draw("text", { x: 24, y: 15, class: "axis" }, `${names[1]} →`));
      svg.append(draw("text", { x: 15, y: 24, class: "axis", transform: "rotate(-90 15 24)", "text-anchor": "end" }, `← ${names[0]}`));
    },
  });
  if (left.length < sentences.counts[0] || right.length < sentences.counts[1]) {
    plot.before(make("p", { class: "remark" }, `Drawn are the ${left.length} and ${right.length} sentences with the largest shares, of ${sentences.counts[0]} and ${sentences.counts[1]}.`));
  }
}

document.querySelectorAll(".view").forEach((root, position) => new View(root, data.views[position]));
if (data.sentences) whenOpen(document.querySelector("details.matrix"), (plot) => drawSentences(plot, data.sentences));
