// Narrows a long list while somebody types. The page works without; prescreen/searching.py finds the same on the server.
const IDLE = new Set("an and for has have in is my of or the to with".split(" "));
const STANDING = new Set(["unknown", "not_listed", "none_of_these"]);
const box = document.getElementById("id_words");
const said = document.getElementById("words_found");
const button = box.form.elements.find;

const wordsOf = text => text.toLowerCase().normalize("NFKD").replace(/\p{M}|['’.]/gu, "").match(/\p{L}+|\p{Nd}+/gu) ?? [];

function withPairs(texts) {
  const found = new Set();
  for (const words of texts.map(wordsOf)) words.forEach((word, place) => { found.add(word); if (place) found.add(words[place - 1] + word); });
  return [...found];
}

function asEntry(choice) {
  const input = choice.querySelector("input"), label = choice.querySelector("label"), group = choice.closest("details.group");
  const names = [label.firstChild.textContent, ...(choice.dataset.find ?? "").split("|").filter(Boolean)];
  const hints = [label.querySelector(".option-help")?.textContent ?? "", group?.querySelector("summary").textContent ?? ""];
  const phrases = names.flatMap(name => name.split(/[:;,()]/)).map(part => wordsOf(part).join(" "));
  return { choice, input, group, phrases: new Set(phrases), words: withPairs(names), hints: withPairs(hints) };
}

const entries = [...document.querySelectorAll(".choice")].map(asEntry).filter(entry => !STANDING.has(entry.input.value));
const groups = new Map(entries.filter(entry => entry.group).map(entry => [entry.group, entry.group.open]));

function asTyped(word, words, inside) {
  if (words.includes(word)) return 1;
  if (word.length >= 2 && words.some(other => other.startsWith(word))) return 0.9;
  return inside && word.length >= 4 && words.some(other => other.includes(word)) ? 0.8 : 0;
}

function slips(typed, word, most) {
  if (word.length < typed.length - most) return most + 1;
  let last, before = [], row = Array.from({ length: word.length + 1 }, (_, place) => place);
  for (let down = 1; down <= typed.length; down++) {
    [last, before, row] = [before, row, [down]];
    for (let across = 1; across <= word.length; across++) {
      let cost = Math.min(before[across] + 1, row[across - 1] + 1, before[across - 1] + (typed[down - 1] !== word[across - 1]));
      if (down > 1 && across > 1 && typed[down - 1] === word[across - 2] && typed[down - 2] === word[across - 1]) cost = Math.min(cost, last[across - 2] + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return typed.length > 4 ? Math.min(...row.slice(Math.max(0, typed.length - most))) : row.at(-1);
}

function misspelled(word, words) {
  const most = [4, 6, 9].filter(length => word.length >= length).length;
  const near = most ? Math.min(most + 1, ...words.map(other => slips(word, other, most))) : 1;
  return near <= most ? 0.7 - 0.1 * near : 0;
}

function fitsOf(asked, place) {
  const joined = [place - 1, place].filter(start => start >= 0 && start < asked.length - 1).map(start => asked[start] + asked[start + 1]);
  const fit = (word, entry, inside) => Math.max(asTyped(word, entry.words, inside), 0.5 * asTyped(word, entry.hints, inside));
  const fits = entries.map(entry => Math.max(fit(asked[place], entry, true), ...joined.map(both => fit(both, entry, false))));
  if (fits.some(Boolean)) return fits;
  return entries.map(entry => Math.max(...[asked[place], ...joined].map(word => Math.max(misspelled(word, entry.words), 0.5 * misspelled(word, entry.hints)))));
}

function find(typed) {
  let asked = wordsOf(typed).filter(word => !IDLE.has(word));
  if (asked.length > 1 && ["a", "i"].includes(asked[0])) asked = asked.slice(1);
  asked = asked.slice(0, 8);
  let scores = entries.map(() => 0), total = 0;
  for (const place of asked.keys()) {
    const fits = fitsOf(asked, place), count = fits.filter(Boolean).length;
    if (!count) continue;
    const weight = Math.log(1 + entries.length / count);
    total += weight;
    scores = scores.map((score, one) => score + weight * fits[one]);
  }
  if (!total) return [];
  const whole = wordsOf(typed).join(" ");
  scores = scores.map((score, one) => score / total + (entries[one].phrases.has(whole) ? 0.5 : 0));
  const best = Math.max(...scores);
  return entries.filter((_, one) => scores[one] >= 0.6 * best);
}

let saying;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { said.textContent = text; }, 300);
}

function narrow() {
  const typed = box.value.trim(), found = typed.length > 1 ? find(typed) : entries, all = found === entries, none = !found.length;
  const shown = new Set(none ? entries : found);
  for (const entry of entries) entry.choice.hidden = !shown.has(entry) && !entry.input.checked;
  for (const [group, wasOpen] of groups) {
    group.hidden = !group.querySelector(".choice:not([hidden])");
    group.open = all || none ? wasOpen || Boolean(group.querySelector("input:checked")) : !group.hidden;
  }
  button.hidden = !none || !button.dataset.everywhere;
  say(all ? "" : none ? said.dataset.none.replace("{words}", typed) : found.length === 1 ? said.dataset.one : said.dataset.many.replace("{n}", found.length));
}

function searchEverywhere() {
  button.type = "submit";
  button.form.requestSubmit(button);
}

// A form's first submit button is the one that the Enter key presses. Here that is to be "Continue".
button.type = "button";
button.hidden = true;
button.textContent = button.dataset.everywhere;
button.addEventListener("click", searchEverywhere);
box.addEventListener("input", narrow);
box.addEventListener("keydown", event => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (button.hidden) entries.find(entry => !entry.choice.hidden)?.input.focus();
  else searchEverywhere();
});
if (box.value !== box.defaultValue) narrow();
