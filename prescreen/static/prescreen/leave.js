// Leaving hides the page at once, before the server answers, and takes its place in the browser's history. The page works without.
const away = document.querySelector("form.leave");
away?.addEventListener("submit", () => {
  document.documentElement.hidden = true;
  history.replaceState(null, "", away.dataset.left);
});
// A page that the browser kept whole is asked for anew when somebody comes back to it: the answers may be gone by then.
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", event => {
  if (event.persisted) location.reload();
});
