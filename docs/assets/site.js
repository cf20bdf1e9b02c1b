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
