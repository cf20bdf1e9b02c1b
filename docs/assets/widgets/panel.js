/** Puts a calculator into a page's `<div data-widget="name">`; the page is whole without it. */
import { specs } from "./specs.js";

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

/** One labelled field with its current value beside it. */
function control(field, id, changed) {
  const input = element("input", { id: `${id}-${field.id}`, type: field.slide ? "range" : "number", min: field.min, max: field.max, step: field.step, value: field.value });
  const value = element("output", { textContent: field.slide ? field.value : "" });
  value.htmlFor.add(input.id);
  input.addEventListener("input", () => {
    if (field.slide) value.textContent = input.value;
    changed();
  });
  return { field, input, value, row: element("div", { className: "widget-field" }, element("label", { htmlFor: input.id, textContent: field.label }), input, value) };
}

export function mount(place) {
  const name = place.dataset.widget, spec = specs[name], id = `widget-${name}`;
  const table = element("tbody"), heading = element("p", { className: "widget-title", id: `${id}-title`, textContent: spec.title });

  const update = () => {
    const values = {};
    for (const { field, input } of controls) {
      const ok = input.value !== "" && input.validity.valid;
      input.setAttribute("aria-invalid", String(!ok));
      // What cannot be read keeps its last good value, so that the table never shows NaN.
      if (ok) field.last = Number(input.value);
      values[field.id] = field.last ?? field.value;
    }
    table.replaceChildren(...spec.show(values).map(({ label, text, part }) => {
      const cell = element("td", {}, element("span", { textContent: text }));
      if (part !== undefined) {
        const bar = element("span", { className: "widget-bar" });
        bar.style.setProperty("--part", part);
        cell.append(bar);
      }
      return element("tr", {}, element("th", { scope: "row", textContent: label }), cell);
    }));
  };

  const controls = spec.fields.map((field) => control({ ...field }, id, update));
  const form = element("form", { className: "widget-fields" }, ...controls.map((c) => c.row));
  form.addEventListener("submit", (event) => event.preventDefault());
  if (spec.presets) {
    const buttons = Object.entries(spec.presets).map(([label, values]) => {
      const button = element("button", { type: "button", textContent: label });
      button.addEventListener("click", () => {
        for (const { field, input } of controls) input.value = values[field.id];
        update();
      });
      return button;
    });
    form.prepend(element("div", { className: "widget-presets" }, ...buttons));
  }
  const results = element("table", { className: "widget-results" }, table);
  results.setAttribute("aria-live", "polite");
  results.setAttribute("aria-labelledby", heading.id);
  place.setAttribute("role", "group");
  place.setAttribute("aria-labelledby", heading.id);
  place.replaceChildren(heading, form, results);
  update();
}
