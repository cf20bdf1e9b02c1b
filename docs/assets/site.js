// The theme's script (search, colour scheme, copy buttons) waits for the reader's first move: the page is complete
// without it, and parsing it would block a slow phone just when its owner starts to read.
const bundle = document.querySelector("link[data-bundle]");
// Not before the page stands: on a slow line it would come in the way of the text.
addEventListener("load", () => setTimeout(() => { bundle.rel = "prefetch"; }, 1500));
// Opens formula search by a key; from a disk browsers import nothing, and the offline copy leaves it out.
if (location.protocol !== "file:") {
  let listens = false;
  const formulas = () => import("./formula-search/page.js").then(() => { listens = true; });
  addEventListener("load", formulas);
  // Who is faster than the page has pressed it once; it is pressed again for him.
  addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
    if (!listens && key === "m" && !ctrlKey && !metaKey && !altKey) formulas().then(() => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
  });
}
// Whether the reader has ever switched the colours. The theme keeps what the system has as if that were a choice, when it
// starts and whenever the system changes; not kept, the next page follows the system.
let switched = true;
try { switched = __md_get("__palette") !== null; } catch { /* a browser that keeps nothing */ }
const keep = window.__md_set;
window.__md_set = (key, ...rest) => { if (switched || key !== "__palette") keep(key, ...rest); };

const MOVES = ["pointermove", "pointerdown", "touchstart", "keydown", "wheel", "scroll", "focusin"];

async function start() {
  MOVES.forEach((move) => removeEventListener(move, start, true));
  const script = document.createElement("script");
  script.src = bundle.href;
  // The theme takes any ?q= for its own text search and opens it; on the formula page it belongs to formula search.
  if (document.querySelector("#formula-search") && new URL(location.href).searchParams.has("q")) {
    await import("./formula-search/page.js").catch(() => {}); // which reads it once, when it comes
    const address = new URL(location.href), hidden = new URL(address);
    hidden.searchParams.delete("q");
    history.replaceState(history.state, "", hidden);
    // not over what was asked meanwhile
    const restore = () => { if (location.href === hidden.href) history.replaceState(history.state, "", address); };
    script.addEventListener("load", restore);
    script.addEventListener("error", restore);
  }
  document.body.append(script);
  // It makes elements that no page has at first; their rules are not in the first sheet.
  document.querySelector("link[data-whole]").rel = "stylesheet";
}

// A touch on the colour switch comes before the theme's script has started: keep its promise, and let the script find it.
for (const input of document.querySelectorAll("[data-md-component=palette] input")) {
  input.addEventListener("change", () => {
    switched = true;
    if (!document.documentElement.classList.contains("no-js")) return;
    const color = Object.fromEntries(["media", "scheme", "primary", "accent"].map((k) => [k, input.getAttribute(`data-md-color-${k}`)]));
    for (const [key, value] of Object.entries(color)) document.body.setAttribute(`data-md-color-${key}`, value);
    __md_set("__palette", { index: Number(input.id.at(-1)), color });
  });
}

// A link from the search carries ?h=: its words are marked at once.
if (new URLSearchParams(location.search).has("h")) start();
else MOVES.forEach((move) => addEventListener(move, start, { capture: true, passive: true }));

// What scrolls sideways must be reachable by keyboard; what fits must not cost a tab stop. The margin takes in the whole
// page: the keyboard does not wait until something has come into view. Sizes are read before anything is changed.
function reachable(elements) {
  const wide = (element) => {
    const box = element.closest(".md-typeset__scrollwrap") ?? element; // the theme puts it around a table when it starts
    return box.scrollWidth > box.clientWidth;
  };
  for (const element of elements.filter((each) => wide(each) !== each.hasAttribute("tabindex"))) {
    if (element.hasAttribute("tabindex")) element.removeAttribute("tabindex");
    else element.tabIndex = 0;
  }
}
const scrolling = [...document.querySelectorAll(".katex-display, pre > code, .nb-output, .md-typeset table")];
const scrollers = new IntersectionObserver((entries) => reachable(entries.map(({ target }) => target)), { rootMargin: "1000000px" });
for (const element of scrolling) scrollers.observe(element);
addEventListener("resize", () => reachable(scrolling));

// On paper nothing can be unfolded.
addEventListener("beforeprint", () => {
  // Cards of formula search are not printed; unfolded, they would fetch what they hold.
  const folded = document.querySelectorAll("article details:not([open], .fs-more)");
  folded.forEach((each) => { each.open = true; });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }), { once: true });
});

// Calculators load long before they come into the window: their heights are known only then.
const widgets = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    import("./widgets/panel.js").then(({ mount }) => { widgets.unobserve(target); if (!target.childElementCount) mount(target); },
      () => { target.textContent = "计算器没有取到，请刷新网页再试。"; });
  }
}, { rootMargin: "1500px" });
document.querySelectorAll("[data-widget]").forEach((place) => widgets.observe(place));

// On the map, a concept shows what it stands on and what it opens.
const map = document.querySelector(".concept-map");
for (const event of ["pointerover", "focusin"]) {
  map?.addEventListener(event, ({ target }) => {
    const here = target.closest("a")?.dataset.concept;
    map.querySelectorAll(".near").forEach((element) => element.classList.remove("near"));
    if (!here) return;
    for (const path of map.querySelectorAll("path")) {
      const { from, to } = path.dataset;
      if (from !== here && to !== here) continue;
      path.classList.add("near");
      map.querySelector(`[data-concept="${from === here ? to : from}"]`).classList.add("near");
    }
  });
}

if (document.querySelector("[data-cards]")) {
  import("./self-test.js").catch(() => { document.querySelector(".card-count").textContent = "卡片的按钮还不能用：脚本没有取到，请刷新网页再试。"; });
}
if (document.querySelector("[data-errata]")) import("./errata.js");

// A figure opens large; its link alone would lead to the picture.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.enlarge");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  import("./enlarge.js").then(({ enlarge }) => enlarge(link), () => location.assign(link.href));
});

// 报告错误：把读者所在的小节和选中的文字带进 GitHub 的表单。
// Opening the form is left to the link itself: without this script it still opens, only emptier.
const report = document.querySelector("a[data-report]");

/** The nearest heading above a node, as text without its permalink sign. */
function sectionOf(node) {
  const headings = [...document.querySelectorAll("article h1, article h2, article h3, article h4")];
  const above = headings.filter((h) => h.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
  return above.at(-1)?.textContent.replace("¶", "").trim() ?? "";
}

/** The heading at or just above the top of the window. */
function sectionInView() {
  const headings = [...document.querySelectorAll("article h1, article h2, article h3, article h4")];
  const passed = headings.filter((h) => h.getBoundingClientRect().top < 120);
  return passed.at(-1)?.textContent.replace("¶", "").trim() ?? "";
}

if (report) {
  const base = report.href;
  const update = () => {
    const selection = document.getSelection();
    const quote = selection?.toString().trim().slice(0, 500) ?? "";
    const url = new URL(base);
    url.searchParams.set("section", quote ? sectionOf(selection.anchorNode) : sectionInView());
    if (quote) url.searchParams.set("quote", quote);
    report.href = url.href;
  };
  // On pointerdown, not on click: the click itself clears the selection.
  report.addEventListener("pointerdown", update);
  report.addEventListener("focus", update);
}
