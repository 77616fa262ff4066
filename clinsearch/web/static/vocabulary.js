"use strict";

/* Splits the text as it is typed, a moment after the last key. */
const MS_TO_WAIT = 180;
const box = document.getElementById("text");
const pieces = document.getElementById("live-tokens");
let waiting_ = 0;
let asked = null;

async function split() {
  const text = box.value;
  asked?.abort();
  if (!text.trim()) { pieces.replaceChildren(); return; }
  asked = new AbortController();
  try {
    const answer = await fetch(`/api/v1/tokens?${new URLSearchParams({ text, ids: "1" })}`, { signal: asked.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) {
      pieces.replaceChildren(make("span", {}, answer.status === 429 ? "Too much is asked at once." : "The text cannot be split."));
      return;
    }
    const tokens = await answer.json();
    pieces.replaceChildren(...tokens.map((token, at) => piece(token, tokens[at - 1])), make("small", {}, `${tokens.length} tokens`));
  } catch (error) {
    if (error.name !== "AbortError") pieces.replaceChildren(make("span", {}, "The server does not answer."));
  }
}

function piece(token, before) {
  const isMore = token.word !== null && token.word === before?.word;
  return make("span", isMore ? { class: "piece" } : {}, isolated(token.token), " ", make("small", {}, String(token.id)));
}

box.addEventListener("input", () => {
  clearTimeout(waiting_);
  waiting_ = setTimeout(split, MS_TO_WAIT);
});
if (box.value && !document.querySelector(".tokens")) split();

/* Of the ways to look up, only the one that was filled in last is sent. */
const look = document.querySelector(".by");
for (const field of look.querySelectorAll("input")) {
  field.addEventListener("input", () => {
    for (const other of look.querySelectorAll("input")) if (other !== field) other.value = "";
  });
}
look.addEventListener("submit", () => {
  for (const field of look.querySelectorAll("input")) field.disabled = !field.value;
});
addEventListener("pageshow", () => {
  for (const field of look.querySelectorAll("input")) field.disabled = false;
});
