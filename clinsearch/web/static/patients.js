"use strict";

/* A line of time is one stop of Tab; the arrow keys, Home and End go from note to note, and Enter opens one. */
for (const line of document.querySelectorAll("[data-line]")) {
  const marks = [...line.querySelectorAll("a")];
  const leave = (mark) => marks.forEach((each) => each.setAttribute("tabindex", each === mark ? "0" : "-1"));
  if (marks.length) leave(marks.find((mark) => !mark.classList.contains("none")) ?? marks[0]);
  line.addEventListener("keydown", (event) => {
    const at = marks.indexOf(event.target.closest("a"));
    if (at < 0) return;
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const mark = marks[Math.max(0, Math.min(marks.length - 1, to))];
    leave(mark);
    mark.focus();
  });
  for (const mark of marks) {
    const name = () => [isolated(mark.getAttribute("aria-label"))];
    mark.querySelector("title")?.remove(); // the tip says it, at once
    mark.addEventListener("pointerenter", (event) => showTip(name(), event.clientX, event.clientY));
    mark.addEventListener("pointerleave", () => { tip.hidden = true; });
    mark.addEventListener("focus", () => {
      const box = mark.getBoundingClientRect();
      showTip(name(), box.right, box.bottom);
    });
    mark.addEventListener("blur", () => { tip.hidden = true; });
  }
}
