"use strict";

// Before anything is drawn, so that no page flashes in the other theme.
const THEME = "clinsearch-theme";

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage may be refused, and a page does without
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // as above
  }
}

if (["light", "dark"].includes(kept(THEME))) document.documentElement.dataset.theme = kept(THEME);
