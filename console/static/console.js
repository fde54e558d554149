// Polled regions rest while nobody looks; a refused form is told to whoever cannot see it.
"use strict";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.hasAttribute("data-poll")) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const region = document.getElementById(event.detail.elt.id);
  const refreshed = region && region.querySelector("[data-refreshed]");
  if (refreshed && event.detail.successful) {
    refreshed.textContent = new Date().toLocaleTimeString(document.documentElement.lang);
  }
});

document.addEventListener("DOMContentLoaded", () => {
  const summary = document.getElementById("hiba");
  if (summary) summary.focus();
});

// A polled region carries the page's title and a sentence that is spoken when it changes.
document.addEventListener("htmx:afterSwap", () => {
  const told = document.querySelector("[data-title]");
  if (!told) return;
  document.title = told.dataset.title;
  const status = document.querySelector("[data-status]");
  if (status && status.textContent !== told.dataset.said) status.textContent = told.dataset.said;
});

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});
