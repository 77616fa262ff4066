"use strict";

/* A choice searches at once: a level or a filter that is ticked, a select. What is typed waits for Enter. */
function choices(form) {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.form !== form || !field.matches("input[type=checkbox], input[type=radio], select")) return;
    if (form.elements.q.value.trim() || field.name !== "level") form.requestSubmit();
    else location.assign(`/?level=${encodeURIComponent(field.value)}`);
  });
}

/* Of a form with many fields only those that are filled in go into the address. */
function shortAddress(form) {
  const usual = { level: "sentence", mode: "hybrid", context: "1" };
  form.addEventListener("formdata", ({ formData }) => {
    for (const name of new Set(formData.keys())) {
      const values = formData.getAll(name).filter((value) => value.trim() && value !== usual[name]);
      formData.delete(name);
      for (const value of values) formData.append(name, value);
    }
  });
}

/* The other places of a sentence, below its hit; without scripts they are a page of their own. */
function places() {
  async function fill(link, list) {
    try {
      const answer = await fetch(link.href.replace("/places?", "/api/v1/places?"), { cache: "no-store" });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.error);
      list.replaceChildren(...found.map(place));
      announce(`${found.length} places`);
    } catch (error) {
      list.replaceChildren(make("li", {}, error.message));
    }
  }

  function place(hit) {
    const at = new URLSearchParams({ id: hit.note_id, start: hit.start, end: hit.end });
    const about = [hit.note_type, hit.note_datetime?.slice(0, 10), hit.patient_id, hit.section].filter(Boolean);
    const name = make("a", { href: `/note?${at}` }, isolated(hit.title ?? hit.note_id));
    return make("li", {}, name, ...about.map((one) => make("span", { class: "quiet" }, isolated(one))));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-places]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    let list = link.parentElement.querySelector(".places");
    if (!list) {
      list = make("ul", { class: "places plain", "aria-label": "Places", tabindex: "0" }, make("li", {}, "Looking …"));
      link.parentElement.append(list);
      fill(link, list);
    } else {
      list.hidden = !list.hidden;
    }
    link.setAttribute("aria-expanded", String(!list.hidden));
  });
  for (const link of document.querySelectorAll("a[data-places]")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.dataset.key = "o";
    link.dataset.keySays = "Other places of the sentence";
  }
}

const form = document.getElementById("search");
if (form) {
  choices(form);
  shortAddress(form);
  // Going back, a browser fills in what was chosen last; the address says what was found.
  addEventListener("pageshow", () => form.reset());
}
places();
