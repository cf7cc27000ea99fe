// Takes a code out of the link's end, which no server sees, into the form, and out of the address bar. Nothing is opened until the button is pressed.
const take = () => {
  const code = location.hash.slice(1);
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  document.getElementById("code").value = code;
  document.getElementById("typing").hidden = true;
  document.getElementById("found").hidden = false;
  document.getElementById("problem")?.remove();
  const open = document.getElementById("open");
  open.setAttribute("aria-describedby", "found");
  open.focus();
};
// #main is the page's own "skip" link; a code is made of digits.
const isCode = () => /^#\d+$/.test(location.hash);
if (isCode()) take();
addEventListener("hashchange", () => isCode() && take());
