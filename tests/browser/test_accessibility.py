"""axe finds nothing on any page, in either colour scheme."""
from scripts.environment import NPM
from tests.browser.test_site import all_pages

AXE = (NPM / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# axe's time grows with the elements it visits, most of them pieces of formulas and of code in which it can find nothing.
# KaTeX's drawing is hidden from screen readers and holds nothing to focus: a box of its size stands in for it. MathML is
# read as text: its text stands in for it. Of the code tokens of one colour the first is looked at.
THIN = """() => {
  const odd = document.querySelectorAll(".katex-html :is([id], [role], [tabindex], a, button), .katex-mathml :is([id], [role], [tabindex], a)");
  for (const drawn of document.querySelectorAll(".katex-html")) {
    const box = document.createElement("span");
    box.style.cssText = `display: inline-block; width: ${Math.max(drawn.offsetWidth, drawn.scrollWidth)}px; height: ${drawn.offsetHeight}px`;
    drawn.replaceChildren(box);
  }
  for (const math of document.querySelectorAll("math")) {
    const text = document.createElementNS(math.namespaceURI, "mtext");
    text.textContent = math.textContent;
    math.replaceChildren(text);
  }
  const seen = new Set();
  for (const token of document.querySelectorAll("pre span[class]")) {
    if (seen.has(token.className)) token.replaceWith(...token.childNodes);
    else seen.add(token.className);
  }
  return odd.length;
}"""
# Every rule in the light scheme; then the same page in the dark, where nothing but colours has changed.
READ = """async () => {
  const report = (scheme, { violations }) => violations.flatMap(({ id, nodes }) => nodes.map(
    ({ html, failureSummary }) => `${scheme} ${id}: ${html.slice(0, 120)} ${(failureSummary ?? "").slice(0, 200)}`));
  const quick = { resultTypes: ["violations"], elementRef: false, preload: false };
  if (document.body.dataset.mdColorScheme !== "default") throw new Error("not light");
  const light = report("light", await axe.run(quick));
  document.querySelectorAll("[data-md-component=palette] input")[1].click();
  localStorage.clear();  // the next page starts light again
  const dark = report("dark", await axe.run({ ...quick, runOnly: ["color-contrast", "link-in-text-block"] }));
  return [document.body.dataset.mdColorScheme, ...light, ...dark];
}"""


def test_axe_finds_nothing_on_any_page_in_either_scheme(chromium, address, site):
    # bypass_csp: the policy of our pages would refuse the tester's own script. Without motion colours change at once.
    contexts = [chromium.new_context(color_scheme="light", reduced_motion="reduce", viewport={"width": 1280, "height": 900},
                                     bypass_csp=True) for _ in range(2)]
    pages, paths, found = [context.new_page() for context in contexts], all_pages(site), []
    for first in range(0, len(paths), 2):
        pair = list(zip(pages, paths[first:first + 2]))
        # Two tabs, so that one page loads and is read while the other still is.
        for page, path in pair:
            page.goto(f"{address}{path}/" if path else address, wait_until="domcontentloaded")
            assert page.evaluate(THIN) == 0, path
            page.evaluate(AXE)
            page.evaluate(f"window.__reading = ({READ})(); undefined")
        for page, path in pair:
            scheme, *faults = page.evaluate("window.__reading")
            assert scheme == "slate", path
            found += [f"{path or 'home'}: {fault}" for fault in faults]
    for context in contexts:
        context.close()
    assert found == [], "\n".join(found)
