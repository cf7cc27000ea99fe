// Moves the focus to the error summary, so that a screen reader reads it first. The page works without.
document.getElementById("error-summary")?.focus();
// This page answers a form. Going back to it, or loading it again, shows the question; without this the browser asks whether to send the form again.
history.replaceState(null, "", location.href);
