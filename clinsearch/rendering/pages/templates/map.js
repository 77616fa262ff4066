const REACH = 14;
const plot = document.querySelector(".plot svg");
const cursor = plot.querySelector(".cursor");
const buttons = [...document.querySelectorAll("[data-group]")];
const panel = document.querySelector(".near");
let alone = null;
let at = -1;
let chosen = -1;
let drawn = [];

function told([, , , note, about, section, sentence]) {
  const lines = [make("b", {}, isolated(note))];
  if (about) lines.push(make("p", {}, make("small", {}, isolated(about))));
  if (sentence) lines.push(make("p", { dir: "auto" }, ...(section ? [make("small", {}, isolated(section)), " "] : []), sentence));
  return lines;
}

// Where pages are served a point leads to its note.
function linked(position) {
  const link = data.links?.[position];
  return link ? [make("a", { href: link }, "Open the note")] : [];
}

function isSeen(point) {
  return alone === null || point[2] === alone;
}

function pick(position, x, y) {
  at = position;
  const point = data.points[position];
  cursor.setAttribute("cx", point[0]);
  cursor.setAttribute("cy", point[1]);
  cursor.setAttribute("visibility", "visible");
  const box = cursor.getBoundingClientRect();
  showTip(told(point), x ?? box.right, y ?? box.bottom);
}

function leave() {
  at = -1;
  tip.hidden = true;
  cursor.setAttribute("visibility", "hidden");
}

// The neighbours of a point in all dimensions, as [position, cosine], the nearest first.
function neighbours(position) {
  const flat = data.near[position];
  return flat.flatMap((value, place) => (place % 2 ? [] : [[value, flat[place + 1] / 1000]]));
}

function clear() {
  chosen = -1;
  for (const each of drawn) each.remove();
  drawn = [];
  panel.replaceChildren();
}

// Marks a point and its neighbours, joined by lines and numbered, and lists these.
function choose(position) {
  const near = neighbours(position);
  clear();
  if (!near.length) return;
  chosen = position;
  tip.hidden = true;
  const [x, y] = data.points[position];
  drawn.push(draw("path", { class: "links", d: near.map(([to]) => `M${x} ${y}L${data.points[to][0]} ${data.points[to][1]}`).join("") }));
  drawn.push(draw("circle", { class: "chosen", cx: x, cy: y, r: 9 }));
  near.forEach(([to], rank) => {
    const [left, top] = data.points[to];
    const isAtEdge = left > plot.viewBox.baseVal.width - 40;
    drawn.push(draw("circle", { class: "ring", cx: left, cy: top, r: 7.5 }));
    drawn.push(draw("text", { class: "rank", x: left + (isAtEdge ? -10 : 10), y: top - 6, "text-anchor": isAtEdge ? "end" : "start" }, String(rank + 1)));
  });
  for (const each of drawn) plot.insertBefore(each, cursor);
  panel.replaceChildren(
    make("h2", {}, "Nearest to"), make("div", { class: "asked" }, ...told(data.points[position]), ...linked(position)),
    make("ol", {}, ...near.map(([to, cosine], rank) => entry(to, cosine, rank))),
  );
}

function entry(to, cosine, rank) {
  const button = make("button", { type: "button" }, make("span", { class: "place" }, String(rank + 1)), make("b", { class: "cosine" }, number(cosine, 3)), make("span", { class: "told" }, ...told(data.points[to])));
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    choose(to);
    // By keyboard one goes on from there.
    if (event.detail === 0) panel.querySelector("button")?.focus();
  });
  return make("li", {}, button);
}

function show(group) {
  alone = group;
  for (const marks of plot.querySelectorAll("g")) marks.classList.toggle("away", group !== null && marks.getAttribute("class").split(" ")[0] !== `g${group}`);
}

function pinned() {
  const button = buttons.find((each) => each.getAttribute("aria-pressed") === "true");
  return button ? Number(button.dataset.group) : null;
}

function pointAt(event) {
  const box = plot.getBoundingClientRect();
  const scale = plot.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale;
  const y = (event.clientY - box.top) * scale;
  let nearest = -1;
  let least = (REACH * scale) ** 2;
  data.points.forEach((point, position) => {
    const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (distance < least && isSeen(point)) [nearest, least] = [position, distance];
  });
  return nearest;
}

plot.addEventListener("pointermove", (event) => {
  const nearest = pointAt(event);
  if (nearest < 0) leave();
  else pick(nearest, event.clientX, event.clientY);
});
plot.addEventListener("click", (event) => {
  const nearest = pointAt(event);
  if (nearest < 0) return;
  event.stopPropagation();
  choose(nearest);
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".near, .groups, header")) clear();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && clear());
plot.addEventListener("pointerleave", leave);
plot.addEventListener("blur", leave);
plot.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") leave();
  if (event.key === "Enter" && at >= 0) choose(at);
  if (!step) return;
  event.preventDefault();
  let next = at < 0 ? (step > 0 ? 0 : data.points.length - 1) : at + step;
  while (data.points[next] && !isSeen(data.points[next])) next += step;
  if (data.points[next]) pick(next);
});
for (const button of buttons) {
  button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(Number(button.dataset.group)));
  button.addEventListener("pointerleave", () => show(pinned()));
  button.addEventListener("click", () => {
    const isPinned = button.getAttribute("aria-pressed") === "true";
    for (const each of buttons) each.setAttribute("aria-pressed", String(each === button && !isPinned));
    show(pinned());
  });
}
