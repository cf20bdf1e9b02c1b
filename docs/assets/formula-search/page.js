/**
 * The only file that a page loads before somebody searches: puts the box on /formulas/, and
 * opens the palette by key on every page. Everything else comes with the first use.
 */
const KEY = "m";

/** Loads the rest. A failed load may be tried again. */
let loading = null;
const panel = () => (loading ??= import("./panel.js").catch((error) => { loading = null; throw error; }));

/** Loads the style; the box is put in place when that has come or is lost, so that nothing moves. */
function style(then) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("style.css", import.meta.url).href;
  link.onload = link.onerror = then;
  document.head.append(link);
}

/** @returns {HTMLElement} the box: a labelled field with a place for what comes of it */
function box(id, hint) {
  const form = document.createElement("form");
  form.className = "fs";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "公式搜索");
  const label = document.createElement("label");
  label.htmlFor = id;
  label.className = "fs-label";
  label.textContent = "找公式";
  const input = document.createElement("input");
  Object.assign(input, { id, type: "search", className: "fs-input", autocomplete: "off", spellcheck: false, maxLength: 2000, enterKeyHint: "search" });
  input.placeholder = "名称、TeX、softmax(QK^T/√d)V、一行 PyTorch，或一个问题";
  input.setAttribute("aria-describedby", `${id}-hint`);
  const help = document.createElement("p");
  help.id = `${id}-hint`;
  help.className = "fs-hint";
  help.textContent = hint;
  form.append(label, input, help);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function wake(form, options) {
  const input = form.querySelector("input");
  let started = null;
  const start = () => (started ??= panel().then(({ attach }) => attach(form, options)).catch(() => {
    started = null;
    form.querySelector(".fs-hint").textContent = "搜索没能加载，请检查网络后再点一次输入框；下面的公式表仍然可用。";
  }));
  input.addEventListener("focus", start);
  input.addEventListener("input", start);
  return start;
}

function mount() {
  const place = document.getElementById("formula-search");
  if (!place) return;
  const form = box("fs-input", "↓ 进入结果，Enter 打开，Esc 回到输入框。中文、英文、公式、代码可以混着写。");
  style(() => place.append(form));
  const start = wake(form, { deepLink: true });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    form.querySelector("input").value = asked.slice(0, 2000);
    start();
  }
}

function palette() {
  const own = document.querySelector("#formula-search input");
  if (own) { own.focus(); own.select(); return; }
  let dialog = document.getElementById("fs-palette");
  if (!dialog) {
    style();
    dialog = document.createElement("dialog");
    dialog.id = "fs-palette";
    dialog.className = "fs-palette";
    dialog.setAttribute("aria-label", "公式搜索");
    const close = document.createElement("button");
    Object.assign(close, { type: "button", className: "fs-close", textContent: "关闭" });
    close.addEventListener("click", () => dialog.close());
    const form = box("fs-palette-input", "↓ 进入结果，Enter 打开，Esc 关闭。");
    dialog.append(close, form);
    // a click beside the window closes it
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    wake(form, { deepLink: false, dialog });
  }
  dialog.showModal();
  dialog.querySelector("input").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== KEY || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { target } = event;
  if (target instanceof Element && target.closest("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  palette();
});

// Any element may open the palette: <a href="…/formulas/" data-formula-palette>
document.addEventListener("click", (event) => {
  const opener = event.target instanceof Element && event.target.closest("[data-formula-palette]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  palette();
});

mount();
