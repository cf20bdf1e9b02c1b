/** What follows the first keystroke: the worker, the preview of how the input was read, the cards. */
const LIMIT = 8;
/** Cards that come first; the others follow when these have been painted: drawing one costs a phone more than finding it. */
const AT_ONCE = 1;
const SITE = new URL("../../", import.meta.url);
const DATA = ["formulas.json", "formula-asked.json", "formula-details.json"].map((name) => new URL(`../${name}`, import.meta.url).href);

/** Puts MathML in. It is KaTeX's own, without trust in what was typed. */
function put(markup, into) {
  into.innerHTML = markup;
  return into;
}

// ---------- the worker

class Engine {
  constructor() {
    this.seq = 0;
    this.waiting = null;
    this.busy = false;
    this.cards = new Map();
    this.details = new Map();
    this.asking = new Map();
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.take(data);
    this.worker.onerror = () => this.take({ failed: "搜索程序没能启动" });
    this.worker.postMessage({ load: DATA });
  }

  /** Only the newest input counts: while one is being answered, a later one replaces what waits. */
  ask(query, done) {
    this.waiting = { seq: ++this.seq, query, done };
    if (!this.busy) this.send();
  }

  send() {
    if (!this.waiting) return;
    this.current = this.waiting;
    this.waiting = null;
    this.busy = true;
    this.worker.postMessage({ seq: this.current.seq, query: this.current.query, limit: LIMIT, atOnce: AT_ONCE });
  }

  /** Symbols, drawn, and code of a formula; asked for when a reader wants them. */
  detailsOf(id) {
    if (!this.details.has(id)) this.details.set(id, new Promise((done) => { this.asking.set(id, done); this.worker.postMessage({ details: id }); }));
    return this.details.get(id);
  }

  take(data) {
    if (data.ready !== undefined) { this.ready = true; return; }
    if (data.learnt) { for (const again of boxes) again(); return; }
    if (data.details) {
      if (data.failed) this.details.delete(data.details);
      this.asking.get(data.details)(data);
      return;
    }
    if (data.failed) { // the next keystroke starts afresh
      this.worker.terminate();
      engine = null;
      (this.waiting ?? this.current)?.done(data);
      return;
    }
    for (const card of data.cards) this.cards.set(card.id, card);
    if (!this.waiting && data.seq === this.current.seq) this.current.done(data);
    if (data.below) return; // the next question went out with the first part
    this.busy = false;
    this.send();
  }
}

let engine = null;
/** What asks again, for each box. */
const boxes = new Set();

// ---------- the cards

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

/** Text and formulas, one after the other. */
function prose(parts, into) {
  for (const part of parts) into.append(part.html ? put(part.html, element("span")) : part.text);
  return into;
}

function renamedLine(renamed) {
  const line = element("p", "fs-renamed", "换了记号：");
  const sign = ({ name, html }) => (html ? put(html, element("span")) : element("span", "", name));
  renamed.forEach(([yours, here], i) => line.append(i ? "，" : "", "你的 ", sign(yours), " 是这里的 ", sign(here)));
  return line;
}

function symbolList(symbols) {
  const list = element("dl", "fs-symbols");
  for (const { sign, tex, meaning } of symbols) list.append(sign ? put(sign, element("dt")) : element("dt", "", tex), prose(meaning, element("dd")));
  return list;
}

function spellingList(spelt) {
  const list = element("ul", "fs-spelt");
  for (const { title, where, url, math, tex } of spelt) {
    const item = element("li"), link = element("a", "fs-cell", title), formula = element("div", "fs-tex");
    link.href = new URL(url, SITE).href;
    wide.observe(math ? put(math, formula) : formula);
    if (!math) formula.textContent = tex;
    item.append(link, element("span", "fs-where", ` ${where}`), formula);
    list.append(item);
  }
  return list;
}

/** What is folded away, and fetched when a reader unfolds it. */
function folded(summary, id, draw) {
  const more = element("details", "fs-more"), inside = element("div");
  more.append(element("summary", "", summary), inside);
  more.addEventListener("toggle", () => engine.detailsOf(id).then((details) => inside.replaceChildren(details.failed ? "没有取到，请再展开一次" : draw(details))));
  return more;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", "fs-hidden");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function copyButton(what, title, text, say) {
  const button = element("button", "fs-copy", `复制${what}`);
  button.type = "button";
  button.setAttribute("aria-label", `复制${what}：${title}`);
  button.addEventListener("click", async () => {
    const found = await text(), done = found && await copy(found);
    button.textContent = done ? "已复制" : "没能复制";
    say(done ? `已复制${what}` : "没能复制，请再试一次，或手动选取");
    setTimeout(() => { button.textContent = `复制${what}`; }, 1600);
  });
  return button;
}

/** A card, made once and kept: what a new query changes is only what is coloured and renamed. */
function makeCard({ id, title, en, tex, url, cell, math, meaning, symbols, where, spellings }, say) {
  const item = element("li");
  const box = element("article", "fs-card");
  box.dataset.formulaId = id;
  const head = element("h2", "fs-title");
  const link = element("a", "fs-link", title);
  link.href = new URL(url, SITE).href;
  head.append(link);
  if (en) {
    const other = element("span", "fs-en", en);
    other.lang = "en";
    head.append(" ", other);
  }
  const formula = element("div", "fs-tex");
  if (math) put(math, formula);
  else formula.textContent = tex;
  wide.observe(formula);
  const renamed = element("div");
  box.append(head, formula, renamed);
  if (meaning.length) box.append(prose(meaning, element("p", "fs-meaning")));
  if (symbols) box.append(folded("记号", id, ({ rows }) => symbolList(rows)));
  if (spellings) box.append(folded(`别处的写法（${spellings}）`, id, ({ spelt }) => spellingList(spelt)));
  const foot = element("p", "fs-foot");
  if (where) foot.append(element("span", "fs-where", where));
  if (cell) {
    const code = element("a", "fs-cell", "笔记本里的实现");
    code.href = new URL(cell, SITE).href;
    foot.append(code, copyButton("代码", title, async () => (await engine.detailsOf(id)).code, say));
  }
  foot.append(copyButton(" TeX", title, () => tex, say));
  box.append(foot);
  item.append(box);
  return { item, formula, renamed, title };
}

/** Formulas wider than the screen scroll; what scrolls must be reachable by keyboard. */
function reachable(targets) {
  // all are measured before one is changed: each change would have the page laid out again for the next measure
  const changed = targets.filter((target) => (target.scrollWidth > target.clientWidth) !== target.hasAttribute("tabindex"));
  for (const target of changed) {
    if (target.hasAttribute("tabindex")) for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
    else {
      target.tabIndex = 0;
      target.setAttribute("role", "group");
      target.setAttribute("aria-label", "公式，可左右滚动");
    }
  }
}
const wide = new ResizeObserver((entries) => reachable(entries.map((entry) => entry.target)));
// Widths change once more when the fonts have come.
document.fonts?.addEventListener("loadingdone", () => reachable([...document.querySelectorAll(".fs-tex")]));

function update({ formula, renamed }, hit) {
  const matched = new Set((hit.spans ?? []).map(([from]) => String(from)));
  for (const leaf of formula.querySelectorAll("[data-at]")) leaf.classList.toggle("fs-hit", matched.has(leaf.dataset.at));
  if (hit.renamed?.length) renamed.replaceChildren(renamedLine(hit.renamed));
  else if (renamed.firstChild) renamed.replaceChildren();
}

const KIND = { code: "读作代码", formula: "读作公式", mixed: "读作名称和公式", name: "读作名称或问题" };

/**
 * @param {HTMLFormElement} form from page.js
 * @param {{deepLink: boolean, dialog?: HTMLDialogElement}} options
 */
export function attach(form, { deepLink, dialog }) {
  const input = form.querySelector("input");
  const reading = element("p", "fs-reading");
  reading.hidden = true;
  reading.tabIndex = 0; // it scrolls when the formula is long
  reading.setAttribute("aria-label", "搜索是这样读的");
  reading.setAttribute("role", "group");
  const status = element("p", "fs-status");
  status.setAttribute("role", "status");
  const list = element("ol", "fs-results");
  list.setAttribute("aria-label", "找到的公式");
  form.append(reading, status, list);
  const say = (text) => { status.textContent = text; };

  const clear = () => {
    reading.hidden = true;
    list.replaceChildren();
    say("");
  };

  /** Only what changes is touched: while somebody types, the first cards mostly stay. What stands below gives way when all are known. */
  function place(shown, all) {
    shown.forEach(({ item }, i) => { if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null); });
    while (all && list.children.length > shown.length) list.lastChild.remove();
  }

  const cards = new Map();
  const shown = (some) => some.map((hit) => {
    let card = cards.get(hit.id);
    if (!card) { card = makeCard(engine.cards.get(hit.id), say); cards.set(hit.id, card); }
    update(card, hit);
    return card;
  });

  let first = [];
  function show({ asked, count, hits, failed, below }, query) {
    if (failed) { clear(); say(`搜索出了问题：${failed}。可以刷新页面，或直接看下面的公式表。`); return; }
    if (query !== input.value.trim()) return; // typed on meanwhile
    if (below) { // after the first card has been painted
      requestAnimationFrame(() => setTimeout(() => { if (query === input.value.trim()) place([...first, ...shown(hits)], true); }));
      return;
    }
    reading.hidden = !asked.reading;
    if (asked.reading) {
      reading.replaceChildren(element("span", "fs-kind", "理解为 "), put(asked.reading, element("span", "fs-math")));
      if (asked.text) reading.append(element("span", "fs-kind", ` 并且关于“${asked.text}”`));
    }
    first = shown(hits);
    place(first, !count);
    const lacking = asked.unheard?.length ? `没有公式提到“${asked.unheard.join(" ")}”` : !count ? "没有找到" : asked.far ? "没有正好对上的" : `${KIND[asked.kind]}，找到 ${count} 条`;
    say(lacking + (count ? `，最接近的是“${first[0].title}”` : "。换个名称，或写出公式里最特别的一段试试。"));
  }

  let linkTimer = 0;
  function run() {
    const query = input.value.trim();
    if (deepLink) {
      clearTimeout(linkTimer);
      linkTimer = setTimeout(() => {
        const url = new URL(location.href);
        if (query) url.searchParams.set("q", query.slice(0, 500));
        else url.searchParams.delete("q");
        history.replaceState(history.state, "", url);
      }, 300);
    }
    if (!query) { clear(); return; }
    try { engine ??= new Engine(); } catch { say("这个浏览器不能运行搜索，请直接看下面的公式表。"); return; }
    if (!engine.ready) say("正在准备公式…");
    engine.ask(query, (data) => show(data, query));
  }

  input.addEventListener("input", (event) => { if (!event.isComposing) run(); });
  input.addEventListener("compositionend", run);

  const links = () => [...list.querySelectorAll(".fs-link")];
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = links(), at = all.indexOf(document.activeElement?.closest(".fs-card")?.querySelector(".fs-link"));
    const inField = document.activeElement === input;
    if (event.key === "ArrowDown" || (event.key === "Enter" && inField)) {
      const next = all[at + 1];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
      if (next || event.key === "Enter") event.preventDefault();
    } else if (event.key === "ArrowUp" && !inField) {
      (all[at - 1] ?? input).focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (!inField) { input.focus(); event.preventDefault(); }
      else if (dialog) { dialog.close(); event.preventDefault(); } // a search field would take the first Esc to empty itself
      else if (input.value) { input.value = ""; run(); event.preventDefault(); }
    }
  });
  dialog?.addEventListener("click", (event) => { if (event.target.closest?.(".fs-link")) dialog.close(); });

  // Not under the reader's hand: who has gone down into the answers keeps them.
  boxes.add(() => { if (input.value.trim() && !list.contains(document.activeElement)) run(); });
  // The index is built while the reader is still typing the first word.
  try { engine ??= new Engine(); } catch { /* said at the first keystroke */ }
  if (input.value.trim()) run();
}
