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

// What was typed since the last save of a draft is sent on leaving; a form that is sent saves itself.
const unsaved = new Set();

document.addEventListener("input", (event) => {
  const keeper = event.target.form && event.target.form.querySelector("[data-keep]");
  if (keeper) unsaved.add(keeper);
});

document.addEventListener("htmx:beforeRequest", (event) => unsaved.delete(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => {
  const keeper = event.detail.elt;
  if (keeper.hasAttribute("data-keep") && !event.detail.successful) unsaved.add(keeper);
});

document.addEventListener("submit", (event) => {
  unsaved.delete(event.target.querySelector("[data-keep]"));
});

window.addEventListener("pagehide", () => {
  for (const keeper of unsaved) {
    navigator.sendBeacon(keeper.dataset.keep, new FormData(keeper.closest("form")));
  }
  unsaved.clear();
});
