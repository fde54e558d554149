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
