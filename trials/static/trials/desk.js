/* Gives the help signs of the admin's two-sided lists a role. A bare span may not carry the words that they hold. */
"use strict";

window.addEventListener("load", () => setTimeout(() => {
  document.querySelectorAll(".selector .help-tooltip").forEach((sign) => sign.setAttribute("role", "img"));
}));
