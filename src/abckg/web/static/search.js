// Suggestions while a text is typed into a search form. Without this script the form works the same way, on Enter.
"use strict";
(() => {
  const DELAY = 120; // milliseconds after the last key
  const MOST = 8;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // Marks count characters, not the code units of a string.
  function marked(text) {
    const characters = Array.from(text.text);
    const parts = [];
    let at = 0;
    for (const [begin, end] of text.marks) {
      parts.push(characters.slice(at, begin).join(""));
      parts.push(element("mark", {}, characters.slice(begin, end).join("")));
      at = end;
    }
    parts.push(characters.slice(at).join(""));
    return parts;
  }

  function option(result, id) {
    const reason = result.text || (result.other && result.other.marks.length ? result.other : null);
    const lines = [element("span", { class: "name", lang: result.label.language || "" }, ...marked(result.label))];
    if (result.type) lines.push(element("span", { class: "kind" }, result.type.label));
    if (reason) lines.push(element("span", { class: "why", lang: reason.language || "" }, ...marked(reason)));
    return element(
      "li",
      { role: "option", id, "aria-selected": "false" },
      element("a", { href: result.page || result.iri, tabindex: "-1" }, ...lines),
    );
  }

  function attach(form) {
    const field = form.querySelector('input[type="search"]');
    const list = element("ul", { id: `${field.id}-list`, role: "listbox", class: "suggestions", hidden: "" });
    const status = element("p", { class: "hidden", role: "status" });
    let timer = 0;
    let asked = null;
    let chosen = -1;
    list.setAttribute("aria-label", form.dataset.count.replace("{}", "").trim());
    form.append(list, status);
    for (const [key, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": list.id,
      "aria-expanded": "false",
    }))
      field.setAttribute(key, value);

    function close() {
      clearTimeout(timer);
      if (asked) asked.abort();
      list.hidden = true;
      chosen = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function choose(number) {
      const options = list.children;
      if (chosen >= 0) options[chosen].setAttribute("aria-selected", "false");
      chosen = number;
      if (chosen < 0) return field.removeAttribute("aria-activedescendant");
      options[chosen].setAttribute("aria-selected", "true");
      options[chosen].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", options[chosen].id);
    }

    function show(results) {
      list.replaceChildren(...results.map((result, number) => option(result, `${list.id}-${number}`)));
      chosen = -1;
      list.hidden = results.length === 0;
      field.setAttribute("aria-expanded", String(results.length > 0));
      field.removeAttribute("aria-activedescendant");
      status.textContent = form.dataset.count.replace("{}", results.length);
    }

    async function ask() {
      const text = field.value.trim();
      if (!text) return close();
      if (asked) asked.abort();
      asked = new AbortController();
      const parameters = new URLSearchParams({ q: text, limit: MOST, lang: document.documentElement.lang });
      const type = form.querySelector('input[name="type"]');
      if (type) parameters.set("type", type.value);
      try {
        const answer = await fetch(`${form.dataset.suggest}?${parameters}`, {
          signal: asked.signal,
          headers: { Accept: "application/json" },
        });
        if (!answer.ok) return close();
        show((await answer.json()).results);
      } catch (fault) {
        if (fault.name !== "AbortError") close(); // the form still works
      }
    }

    function later() {
      clearTimeout(timer);
      timer = setTimeout(ask, DELAY);
    }

    field.addEventListener("input", (event) => {
      if (!event.isComposing) later();
    });
    field.addEventListener("compositionend", later);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const many = list.children.length;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden && many) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(((chosen + step + 1 + many + 1) % (many + 1)) - 1); // past the ends lies the field itself
      } else if (event.key === "Enter" && chosen >= 0) {
        event.preventDefault();
        list.children[chosen].querySelector("a").click();
      }
    });
    form.addEventListener("submit", close);
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget)) close();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  }

  document.querySelectorAll("form[data-suggest]").forEach(attach);
})();
