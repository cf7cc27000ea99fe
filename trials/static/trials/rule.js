/* Help while a rule is being written: what can come next, and how the rule reads or what is wrong with it.
   Without this script the field works as it is, and the rule is checked when the form is saved. */
"use strict";

{
  const PAUSE = 150;
  let count = 0;

  const set = (element, attributes) => Object.entries(attributes).forEach((pair) => element.setAttribute(...pair));

  const make = (name, attributes = {}, text = "") => {
    const element = document.createElement(name);
    set(element, attributes);
    element.textContent = text;
    return element;
  };

  class RuleField {
    constructor(field) {
      this.field = field;
      this.words = field.dataset;
      this.items = [];
      this.active = -1;
      this.toldOfFailure = false;
      this.build();
      this.listen();
    }

    build() {
      const id = `rule-help-${++count}`;
      const box = make("div", { class: "rule-help" });
      const label = this.words.listLabel || "What can come next";
      this.list = make("ul", { class: "rule-list", id: `${id}-list`, role: "listbox", "aria-label": label, hidden: "" });
      this.says = make("output", { class: "rule-says", id: `${id}-says`, "aria-live": "polite" });
      this.use = make("button", { class: "rule-use", type: "button", hidden: "" });
      this.add = make("a", { class: "rule-add", target: "_blank", rel: "noopener", hidden: "" });
      this.rendered = this.field.parentElement.querySelector("[data-rule-says]");
      this.field.replaceWith(box);
      box.append(this.field, this.says, this.use, this.add, this.list);
      const described = [this.field.getAttribute("aria-describedby"), this.says.id].filter(Boolean).join(" ");
      set(this.field, {
        autocomplete: "off", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.list.id, "aria-describedby": described,
      }); // HTML allows a textarea no role of combobox, and a textbox no aria-expanded: that a list is open is said in words
    }

    listen() {
      this.field.addEventListener("focus", () => this.asked ?? this.ask({ offer: false }));
      this.field.addEventListener("input", () => this.askSoon());
      this.field.addEventListener("keydown", (event) => this.press(event));
      this.field.addEventListener("click", () => this.close());
      this.field.addEventListener("blur", () => this.leave());
      this.kind()?.addEventListener("change", () => this.ask({ offer: false }));
      this.use.addEventListener("click", () => this.mend());
      this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.accept([...this.list.children].indexOf(option));
      });
    }

    kind() {
      return this.field.closest("[data-criterion-row], .inline-related")?.querySelector('select[name$="-kind"]');
    }

    /* Asking the server. Only the answer to the latest question counts. */

    askSoon() {
      clearTimeout(this.timer);
      this.stop?.abort();
      this.close();
      this.timer = setTimeout(() => this.ask({ offer: true }), PAUSE);
    }

    async ask({ offer }) {
      clearTimeout(this.timer);
      this.stop?.abort();
      const stop = (this.stop = new AbortController());
      const { value, selectionEnd } = this.field;
      this.asked = value;
      const token = this.field.form?.elements.csrfmiddlewaretoken?.value || "";
      const body = new URLSearchParams({ rule: value, cursor: selectionEnd, kind: this.kind()?.value || "", csrfmiddlewaretoken: token });
      try {
        const response = await fetch(this.words.ruleHelp, { method: "POST", body, signal: stop.signal, redirect: "error" });
        if (!response.ok) throw new Error(response.statusText);
        this.answer = await response.json();
      } catch (fault) {
        if (fault.name !== "AbortError") this.tellOfFailure();
        return;
      }
      this.toldOfFailure = false;
      const isOffering = offer && document.activeElement === this.field;
      this.tell(isOffering);
      if (isOffering) this.open(this.answer.completions);
    }

    tellOfFailure() {
      this.close();
      this.use.hidden = this.add.hidden = true;
      this.says.className = "rule-says";
      if (!this.toldOfFailure) this.says.textContent = this.words.cannotCheck || "Cannot check now; it is checked when you save.";
      this.toldOfFailure = true;
    }

    /* Telling how the rule reads, or what is wrong and how to mend it. */

    tell(isOffering = false) {
      this.rendered?.remove(); // the words that came with the page
      const { says, means, error, use, add_question, add_text, unfinished, offers } = this.answer;
      const writing = unfinished && document.activeElement === this.field;
      this.says.className = error && !writing ? "rule-says rule-wrong" : "rule-says";
      const wrong = writing ? this.words.unfinished || "Not finished:" : this.words.problem || "Problem:";
      const lines = [[wrong, error], [this.words.readsAs || "Reads as:", says], ["", means]].filter(([, text]) => text);
      this.says.replaceChildren(...lines.map(([prefix, text]) => {
        const line = make("span", { class: "rule-line" });
        line.append(make("strong", {}, prefix), " ", text);
        return line;
      }));
      if (isOffering && offers) this.says.append(make("span", { class: "rule-unseen" }, offers));
      this.use.hidden = writing || !use;
      this.use.textContent = use;
      this.add.hidden = writing || !add_question;
      this.add.textContent = add_text;
      if (add_question) this.add.href = add_question;
    }

    mend() {
      const { column, fix, fix_length } = this.answer;
      if (this.asked === this.field.value) this.insert(fix, column - 1, column - 1 + fix_length);
    }

    leave() {
      this.close();
      if (this.asked !== undefined && this.asked !== this.field.value) this.ask({ offer: false });
      else if (this.answer?.unfinished) this.tell(); // what was only unfinished is now a problem
    }

    /* The list of what can come next. */

    open(items) {
      this.items = items;
      this.list.replaceChildren(...items.map(({ label, hint }, index) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" });
        option.append(make("code", {}, label), " ", make("span", {}, hint));
        return option;
      }));
      this.list.hidden = items.length === 0;
      this.choose(-1);
    }

    close() {
      if (!this.list.hidden) this.open([]);
    }

    choose(index) {
      this.active = index;
      [...this.list.children].forEach((option, own) => option.setAttribute("aria-selected", String(own === index)));
      const option = this.list.children[index];
      if (option) this.field.setAttribute("aria-activedescendant", option.id);
      else this.field.removeAttribute("aria-activedescendant");
      option?.scrollIntoView({ block: "nearest" });
    }

    press(event) {
      if (this.list.hidden || event.isComposing) return;
      const [key, last] = [event.key, this.items.length - 1];
      if (key === "ArrowDown") this.choose(this.active < last ? this.active + 1 : 0);
      else if (key === "ArrowUp") this.choose(this.active > 0 ? this.active - 1 : last);
      else if ((key === "Enter" || (key === "Tab" && !event.shiftKey)) && this.active >= 0) this.accept(this.active);
      else if (key === "Enter" || key === "Escape") this.close();
      else return this.close(); // other keys do what they always do: Tab goes on to the next field
      event.preventDefault();
    }

    accept(index) {
      const { value, selectionEnd } = this.field;
      const restOfWord = value.slice(selectionEnd).match(/^[\w-]*/)[0];
      this.insert(this.items[index].insert, this.answer.start, selectionEnd + restOfWord.length);
    }

    insert(text, start, end) {
      const blank = text.endsWith(" ") && this.field.value[end] === " " ? 1 : 0;
      this.field.setRangeText(text, start, end + blank, "end");
      this.field.focus();
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  const prepare = (root) => {
    for (const field of root.querySelectorAll("textarea[data-rule-help]")) {
      if (!field.name.includes("__prefix__") && !field.closest(".rule-help")) new RuleField(field); // not in the empty row that Django copies
    }
  };

  document.addEventListener("formset:added", (event) => prepare(event.target));
  document.addEventListener("DOMContentLoaded", () => prepare(document));
}
