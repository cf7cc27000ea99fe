// Shows the Print button, which needs a script. Without one, the browser's own menu prints the page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
