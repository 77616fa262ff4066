const REACH = 14;
const plot = document.querySelector(".plot svg");
const cursor = plot.querySelector(".cursor");
const buttons = [...document.querySelectorAll("[data-group]")];
let alone = null;
let at = -1;

function told([, , , note, about, section, sentence]) {
  const lines = [make("b", {}, isolated(note))];
  if (about) lines.push(make("p", {}, make("small", {}, isolated(about))));
  if (sentence) lines.push(make("p", { dir: "auto" }, ...(section ? [make("small", {}, isolated(section)), " "] : []), sentence));
  return lines;
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

function show(group) {
  alone = group;
  for (const marks of plot.querySelectorAll("g")) marks.classList.toggle("away", group !== null && marks.getAttribute("class").split(" ")[0] !== `g${group}`);
}

function pinned() {
  const button = buttons.find((each) => each.getAttribute("aria-pressed") === "true");
  return button ? Number(button.dataset.group) : null;
}

plot.addEventListener("pointermove", (event) => {
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
  if (nearest < 0) leave();
  else pick(nearest, event.clientX, event.clientY);
});
plot.addEventListener("pointerleave", leave);
plot.addEventListener("blur", leave);
plot.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") leave();
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
