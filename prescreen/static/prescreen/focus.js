// Moves the focus to the error summary, so that a screen reader reads it first. The page works without.
document.getElementById("error-summary")?.focus();
