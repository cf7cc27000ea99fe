// A phone shows digits alone for a number. This button shows the letters, for "under 200". The page works without.
for (const button of document.querySelectorAll("button[data-letters]")) {
  const box = document.getElementById(button.dataset.letters);
  button.hidden = !matchMedia("(pointer: coarse)").matches;
  button.addEventListener("click", () => {
    box.inputMode = "text";
    box.blur();
    box.focus();
    button.hidden = true;
  });
}
