"""The site as readers meet it: walked, read without JavaScript, in the dark, on a phone, cut off from the world."""
import gzip
import re
import time

import pytest
from playwright.sync_api import expect

from scripts import concepts


@pytest.fixture
def page(chromium, address):
    """A desktop page that records console errors and foreign requests; none may be left at the end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    noise = watch(opened, address)
    yield opened
    context.close()
    assert noise == []


def watch(page, address):
    noise = []
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: noise.append(str(e)))
    page.on("request", lambda r: noise.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    return noise


def wake(page):
    """Move the mouse as a reader does and wait until the theme's script has started."""
    page.mouse.move(200, 300)
    deadline = time.monotonic() + 30
    # Not wait_for_function: it asks again by eval, which the policy of our pages refuses.
    while not page.evaluate("typeof window.component$ !== 'undefined'"):
        assert time.monotonic() < deadline, "the theme's script has not started"
        page.wait_for_timeout(50)


def all_pages(site):
    return sorted(p.parent.relative_to(site).as_posix().removeprefix(".") for p in site.rglob("index.html"))


def test_home_to_concept_to_notebook_and_back(page, address):
    page.goto(address)
    page.click("article a:has-text('缩放点积注意力')")
    # The address changes before the new page has its title: what is said of it waits.
    expect(page).to_have_title(re.compile("^缩放点积注意力"))
    page.click(".page-links a:has-text('笔记本')")
    expect(page.locator("h1")).to_contain_text("会怎样")
    expect(page.locator("article .highlight pre code").nth(4)).to_be_attached()
    page.click(".page-links a:has-text('概念页')")
    expect(page).to_have_title(re.compile("^缩放点积注意力"))
    page.go_back()
    expect(page).to_have_url(re.compile("/notebooks/"))


def test_on_paper_every_answer_is_unfolded(page, address):
    page.goto(f"{address}systems/zero/")
    folded = page.locator("article details:not([open])")
    before = folded.count()
    assert before > 3
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


def test_the_drawn_card_is_framed(page, address):
    page.goto(f"{address}self-test/")
    page.click("text=随便来一张")
    assert page.evaluate("document.getAnimations().filter((a) => a.effect.target.matches('.card')).length") == 1


def test_a_missing_page_says_so_in_chinese(site):
    said = (site / "404.html").read_text(encoding="utf-8")
    assert "没有这一页" in said and "Not found" not in said


def test_links_of_a_concept_are_computed(page, address):
    page.goto(f"{address}position/rope/")
    links = {a.inner_text(): a.get_attribute("href") for a in page.locator(".page-links a").all()}
    repository = re.search(r"github\.com/([\w.-]+/[\w.-]+)/edit", links["编辑"])[1]
    assert links["编辑"] == f"https://github.com/{repository}/edit/main/docs/position/rope.md"
    assert links["在 Colab 打开"] == f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/position/rope.ipynb"
    assert f"github.com/{repository}/blob/main/notebooks/position/rope.ipynb" in links["在 PAI-DSW 打开"]
    with page.expect_download() as download:
        page.click("text=下载 .ipynb")
    assert '"nbformat"' in open(download.value.path(), encoding="utf-8").read()


def test_report_carries_section_and_selection(page, address):
    page.goto(f"{address}attention/scaled-dot-product/")
    page.locator("#variance").scroll_into_view_if_needed()
    page.evaluate("""() => { const p = document.querySelector('#variance').nextElementSibling; const r = document.createRange();
        r.selectNodeContents(p); const s = getSelection(); s.removeAllRanges(); s.addRange(r); }""")
    page.dispatch_event("a[data-report]", "pointerdown")
    href = page.get_attribute("a[data-report]", "href")
    from urllib.parse import parse_qs, urlsplit
    query = parse_qs(urlsplit(href).query)
    assert query["template"] == ["erratum.yml"] and query["page"] == ["docs/attention/scaled-dot-product.md"]
    assert query["section"] == ["第一步：点积的方差等于维度"] and "相互独立" in query["quote"][0]


def test_formulas_are_drawn_and_readable_without_javascript(chromium, address, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    for concept in concepts.pages():
        page.goto(f"{address}{concept}/")
        drawn = page.locator(".katex").count()
        assert drawn > 5, concept
        assert page.locator(".katex math annotation").count() == page.locator(".katex math").count() == drawn
        box = page.locator(".formula.named .katex-html").first.bounding_box()
        assert box["width"] > 50 and box["height"] > 10
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_on_a_phone(chromium, address, site, scheme):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    noise = watch(page, address)
    for path in all_pages(site):
        page.goto(f"{address}{path}/" if path else address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{path} is {wide} px wide"
    context.close()
    assert noise == []


# How many closing signs stand behind a formula in the text, and before which formulas' ends they begin a line.
BEGINS = r"""() => {
  const found = [];
  let met = 0;
  for (const formula of document.querySelectorAll(".md-content .katex")) {
    const walker = document.createTreeWalker(formula.closest("p, li, td, h1, h2, h3, h4, figcaption") ?? formula, NodeFilter.SHOW_TEXT);
    const base = [...formula.querySelectorAll(".katex-base")].at(-1);
    let next = walker.nextNode();
    while (base && next && !(base.compareDocumentPosition(next) & Node.DOCUMENT_POSITION_FOLLOWING && !base.contains(next))) next = walker.nextNode();
    if (!base || !next || !/^[，。、；：？！）”]/.test(next.data)) continue;
    const sign = document.createRange();
    sign.setStart(next, 0);
    sign.setEnd(next, 1);
    met++;
    if (sign.getBoundingClientRect().left < base.getBoundingClientRect().left) found.push(formula.querySelector("annotation").textContent);
  }
  return [met, found];
}"""


def test_no_line_begins_with_the_comma_behind_a_formula(chromium, address):
    page, signs = chromium.new_page(viewport={"width": 390, "height": 844}), 0
    for concept in ("position/rope", "alignment/grpo", "finetuning/lora"):
        page.goto(f"{address}{concept}/")
        for width in (320, 390, 430):
            page.set_viewport_size({"width": width, "height": 844})
            met, found = page.evaluate(BEGINS)
            signs += met
            assert found == [], f"{concept} at {width} px"
    page.close()
    assert signs > 300


def test_dark_mode_turns_the_page_and_its_figures_dark(chromium, address):
    context = chromium.new_context(color_scheme="light", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}attention/scaled-dot-product/")

    def state():
        return page.evaluate("""() => ({background: getComputedStyle(document.body).backgroundColor,
            shown: [...document.querySelectorAll('figure.run img')].filter(i => getComputedStyle(i).display !== 'none').map(i => i.src)})""")

    wake(page)
    light = state()
    page.click("label[title='换成深色']:visible")
    dark = state()
    brightness = lambda rgb: sum(map(int, re.findall(r"\d+", rgb)[:3]))
    assert brightness(light["background"]) > 700 and brightness(dark["background"]) < 150
    assert light["shown"] and all("dark.svg" not in s for s in light["shown"])
    assert dark["shown"] and all("dark.svg" in s for s in dark["shown"])
    context.close()


def test_colours_follow_the_system_until_the_reader_switches(chromium, address):
    context = chromium.new_context(color_scheme="light", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    scheme = lambda: page.evaluate("document.body.dataset.mdColorScheme")
    page.goto(f"{address}position/rope/")
    wake(page)
    page.wait_for_timeout(200)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}position/alibi/")
    assert scheme() == "slate"
    wake(page)
    assert scheme() == "slate"
    page.click("label[title='换成浅色']:visible")
    assert scheme() == "default"
    page.goto(f"{address}position/rope/")
    assert scheme() == "default"
    wake(page)
    assert scheme() == "default"
    context.close()


@pytest.mark.parametrize("path, width, scrolled", [
    ("attention/scaled-dot-product/", 390, True), ("notebooks/attention/scaled-dot-product/", 390, True), ("self-test/", 390, True), ("errata/", 390, True),
    ("formulas/", 390, False), ("finetuning/lora/", 390, True), ("architecture/parameter-count/", 1280, True),
])
def test_page_does_not_jump_while_it_loads_and_is_scrolled(chromium, address, path, width, scrolled):
    page = chromium.new_page(viewport={"width": width, "height": 844})
    page.add_init_script("""window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(e => {
        if (!e.hadRecentInput) window.shifts += e.value })).observe({type: 'layout-shift', buffered: true})""")
    page.route("**/widgets/panel.js", lambda route: (time.sleep(0.2), route.continue_()))  # a line that is not the machine's own
    page.goto(address + path)
    page.wait_for_timeout(800)
    # A formula of which the parser has had only the first half when a busy machine paints moves by one line, .0026.
    assert page.evaluate("window.shifts") <= 0.005
    if scrolled:
        page.evaluate("""async () => {
          for (let y = 0; y < 12_000; y += 200) { scrollTo(0, y); await new Promise((done) => setTimeout(done, 40)); }
        }""")
    assert page.evaluate("window.shifts") <= 0.007  # a glyph whose font comes late makes up to 0.002
    page.close()


def test_what_becomes_wide_is_reached_by_keyboard_and_what_fits_is_not(page, address):
    page.goto(f"{address}systems/zero/")
    wake(page)
    states = """() => [...document.querySelectorAll(".katex-display, pre > code, .md-typeset table")].map((element) => {
        const box = element.closest(".md-typeset__scrollwrap") ?? element;
        return [box.scrollWidth > box.clientWidth, element.tabIndex === 0];
    })"""
    wide = []
    for width in (1280, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(300)
        seen = page.evaluate(states)
        assert all(scrolls == reached for scrolls, reached in seen), (width, seen)
        wide.append(sum(scrolls for scrolls, _ in seen))
    assert wide[1] > wide[0] == wide[2]


@pytest.mark.parametrize("query, target", [
    ("注意力", "attention/"), ("缩放点积注意力", "attention/scaled-dot-product/"), ("旋转位置编码", "position/rope/"),
    ("长度外推", "position/length-extrapolation/"), ("多头潜在注意力", "attention/multi-head-latent/"), ("饱和", "attention/scaled-dot-product/"),
    ("均方根", "architecture/layernorm-rmsnorm/"), ("RMSNorm", "architecture/layernorm-rmsnorm/"), ("RoPE", "position/rope/"),
    ("softmax", "attention/scaled-dot-product/"), ("Jacobian", "attention/scaled-dot-product/"), ("ALiBi", "position/length-extrapolation/"),
    ("extrapolation", "position/length-extrapolation/"), ("latent", "attention/multi-head-latent/"),
])
def test_search_finds_chinese_and_english_words(page, address, query, target):
    page.goto(address)
    wake(page)
    page.click(".md-search__input")
    page.keyboard.insert_text(query)
    page.keyboard.press("End")  # the theme listens to keys, not to input events
    page.wait_for_selector(".md-search-result__item a")
    found = [a.get_attribute("href") for a in page.locator(".md-search-result__item > a").all()]
    assert any(target in href for href in found[:5]), found[:5]


def test_injected_markup_stays_dead(chromium, address):
    """The policy of every page stops scripts that did not come with the build, and says so."""
    context = chromium.new_context()
    page = context.new_page()
    refusals = watch(page, address)
    page.goto(f"{address}notebooks/attention/scaled-dot-product/")
    page.evaluate("""() => { const d = document.createElement('div'); d.innerHTML = '<img src=x onerror="window.hacked=1">';
        document.querySelector('article').append(d);
        const s = document.createElement('script'); s.textContent = 'window.hacked=1'; document.body.append(s); }""")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert sum("Content Security Policy" in r for r in refusals) == 2, refusals
    context.close()


def test_a_calculator_answers_by_keyboard_and_keeps_its_numbers_when_the_input_is_bad(page, address):
    page.goto(f"{address}architecture/parameter-count/")
    place = page.locator("[data-widget=parameter-count]")
    place.scroll_into_view_if_needed()
    table = place.locator(".widget-results")
    table.wait_for()
    assert "6,738,415,616" in table.inner_text()
    layers = place.get_by_label("层数 L")
    layers.fill("64")
    assert "13,214,683,136" in table.inner_text()  # twice the layers, one embedding, one last norm
    layers.fill("")
    assert "13,214,683,136" in table.inner_text() and layers.get_attribute("aria-invalid") == "true"
    place.get_by_role("button", name="Llama-3-8B").press("Enter")
    assert "8,030,261,248" in table.inner_text()
    page.goto(f"{address}attention/scaled-dot-product/")
    page.locator("[data-widget]").scroll_into_view_if_needed()
    slider = page.locator("[data-widget] input[type=range]")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "512" in page.locator(".widget-results").inner_text()


def test_self_test_shows_an_answer_and_remembers(page, address, site):
    from scripts import concepts
    from scripts.hooks.selftest import questions

    page.goto(f"{address}self-test/")
    cards = page.locator(".card")
    assert cards.count() == sum(len(questions(c)) for c in concepts.pages()) > 200
    card = page.locator(".card", has_text="warm-up 到底在保护什么")
    card.get_by_role("button", name="看答案").click()
    card.locator(".card-answer .katex").first.wait_for()
    assert "两件事" in card.locator(".card-answer").inner_text()
    card.get_by_role("button", name="会", exact=True).click()
    assert "会的 1 张" in page.locator(".card-count").inner_text()
    page.reload()
    assert page.locator(".card[data-state=known]").count() == 1
    page.get_by_label("只看还不会的").check()
    assert not card.is_visible()
    page.get_by_role("button", name="清空记录").click()
    assert page.locator(".card[data-state=known]").count() == 0
    page.evaluate("localStorage.setItem('self-test', '3')")  # of another program, or broken
    page.reload()
    page.get_by_role("button", name="会", exact=True).first.click()
    assert "会的 1 张" in page.locator(".card-count").inner_text()


def test_a_card_is_known_by_its_question_and_not_by_how_that_is_drawn(site):
    from scripts.hooks.selftest import questions

    page = (site / "self-test" / "index.html").read_text(encoding="utf-8")
    keys = re.findall(r'<section class="card" data-key="([0-9a-f]{12})"', page)
    assert len(set(keys)) == len(keys) == sum(len(questions(c)) for c in concepts.pages())


def test_buttons_of_the_self_test_stay_away_where_no_script_answers(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}self-test/")
    assert page.locator(".card-tools").count() > 200 and page.locator(".cards :is(button, input):visible").count() == 0
    context.close()


def test_the_map_has_every_concept_and_shows_what_stands_on_what(page, address):
    from scripts import concepts

    pages = concepts.pages()
    before = {c: concepts.front_matter(concepts.DOCS / f"{c}.md").get("prerequisites") or [] for c in pages}
    page.goto(address)
    nodes = page.locator(".concept-map a")
    assert sorted(n.get_attribute("data-concept") for n in nodes.all()) == pages
    assert page.locator(".concept-map path").count() == sum(map(len, before.values()))
    gqa = page.locator('.concept-map a[data-concept="attention/grouped-query"]')
    gqa.focus()
    near = {n.get_attribute("data-concept") for n in page.locator(".concept-map a.near").all()}
    assert near == {*before["attention/grouped-query"], *(c for c in pages if "attention/grouped-query" in before[c])}
    gqa.press("Enter")
    page.wait_for_url("**/attention/grouped-query/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert not page.locator(".concept-map").is_visible() and page.get_by_role("link", name="分组查询注意力").first.is_visible()


def test_a_figure_opens_large_and_gives_the_focus_back(page, address):
    page.goto(f"{address}attention/scaled-dot-product/")
    link = page.locator("a.enlarge").first
    link.scroll_into_view_if_needed()
    small = link.locator("img:visible").bounding_box()["width"]
    page.wait_for_selector(".widget-title", state="attached")  # the calculator below has its own height when it has come
    before = page.evaluate("document.documentElement.scrollHeight")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.enlarged")
    dialog.wait_for()
    assert dialog.locator("img:visible").count() == 1 and dialog.locator("img:visible").bounding_box()["width"] > 1.2 * small
    assert "放大的图：" in dialog.get_attribute("aria-label") and page.evaluate("document.documentElement.scrollHeight") == before
    assert page.evaluate("document.activeElement.textContent") == "关闭"
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert link.evaluate("a => a === document.activeElement")
    page.goto(f"{address}notebooks/attention/scaled-dot-product/")
    page.click("label[title='换成深色']:visible")
    link = page.locator("a.enlarge").first
    link.click()
    assert "dark.svg" in dialog.locator("img:visible").get_attribute("src")
    dialog.get_by_role("button").click()
    dialog.wait_for(state="detached")
    page.set_viewport_size({"width": 390, "height": 844})
    link.click()
    room = dialog.locator(".enlarged-room")
    room.wait_for()
    assert room.evaluate("r => r.scrollWidth") > 700  # labels stay readable; one scrolls inside
    room.click()
    dialog.wait_for(state="detached")


def test_a_figure_leads_to_its_picture_without_javascript(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}attention/scaled-dot-product/")
    page.locator("a.enlarge").first.click()
    assert re.search(r"/assets/figures/attention/scaled-dot-product/fig-[\w-]+\.svg$", page.url)
    context.close()


def test_errata_are_filtered_by_topic_and_verdict(page, address):
    from scripts.hooks import errata

    where, ledger = errata.placed(), concepts.claims()

    def expected(topic="", verdict=""):
        return sum(c.startswith(topic) and verdict in ("", ledger[i]["verdict"]) for i, c in where.items())

    page.goto(f"{address}errata/")
    rows, status = page.locator("[data-verdict]:visible"), page.get_by_role("status").first
    status.wait_for()
    assert rows.count() == expected() and str(expected()) in status.inner_text()
    verdicts = page.get_by_label("判定")
    assert f"错误（{expected(verdict='错误')}）" in verdicts.inner_text()
    verdicts.focus()
    page.keyboard.press("ArrowDown")
    chosen = verdicts.input_value()
    assert chosen and rows.count() == expected(verdict=chosen)
    page.get_by_label("主题").select_option("position")
    assert 0 < rows.count() == expected("position/", chosen) and f"显示 {rows.count()} 条" in status.inner_text()
    assert page.locator("[data-errata] h2:visible").count() == 1
    page.reload()  # the address carries the choice
    status.wait_for()
    assert verdicts.input_value() == chosen and rows.count() == expected("position/", chosen)
    page.get_by_role("button", name="全部显示").click()
    assert rows.count() == expected() and "?" not in page.url
    page.goto(f"{address}errata/?verdict=nonsense")
    status.wait_for()
    assert rows.count() == expected()


def test_errata_are_whole_without_javascript(chromium, address):
    from scripts.hooks import errata

    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}errata/")
    assert page.locator("[data-verdict]:visible").count() == len(errata.placed()) and not page.locator(".errata-filter").is_visible()
    context.close()


def test_the_notes_and_the_pages_lead_to_each_other(page, address):
    from scripts.hooks import errata, source

    page.goto(f"{address}source/notes/")
    sections = page.locator(".notes-section")
    assert sections.count() == len(set(source.SECTIONS.values())) == 26
    assert "$" not in page.locator("article").inner_text()  # every formula is drawn
    assert "Pre-Norm vs Post-Norm" in page.locator("#notes-1-3 h3").inner_text() and "发展历程" in page.locator("#notes-3-6 h3").inner_text()
    corrected = {a.inner_text() for a in page.locator(".notes-section > aside a[href*='#erratum-']").all()}
    assert corrected == set(errata.placed()) - set(concepts.corrections())
    text, beside = (page.locator(f"#notes-1-3 > {part}").bounding_box() for part in ("div", "aside"))
    assert beside["x"] > text["x"] + text["width"] and beside["y"] < text["y"] + 100
    assert {a.inner_text() for a in page.locator(".wrong a").all()} < corrected and page.locator(".wrong").count() > 180
    page.locator("#notes-1-3 td", has_text="训练初期收敛稍慢").locator(".wrong a").click()
    assert page.url.endswith("#erratum-a3-03")
    page.locator("#erratum-a3-03 .erratum-quote a").click()
    assert page.url.endswith("/source/notes/#notes-1-3")
    page.go_back()
    page.locator(".reading-order a", has_text="第一部分第 3 节").click()
    assert page.url.endswith("/source/notes/#notes-1-3")


# What a reader sees of every element (of a formula, its box) and of what CSS puts before and after it.
LOOKS = """() => [...document.querySelectorAll("body *:not(.katex *, math *)")].flatMap((element) => ["", "::before", "::after"].map((part) => {
  const style = getComputedStyle(element, part || null);
  if (part && style.content === "none") return "";
  const box = part ? {} : element.getBoundingClientRect();
  return [element.tagName + "." + element.className + part, box.x, box.y, box.width, box.height, style.display, style.position, style.color, style.backgroundColor, style.font,
    style.margin, style.padding, style.border, style.borderRadius, style.overflow, style.visibility, style.opacity, style.transform, style.textDecoration, style.content, style.maskImage].join("|");
}))"""
WHOLE = """() => new Promise((done) => {
  const whole = document.querySelector("link[data-whole]");
  whole.onload = done;
  whole.rel = "stylesheet";
})"""


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (390, "dark")])
def test_the_first_style_sheet_is_enough_for_a_page_as_it_comes(chromium, address, site, width, scheme):
    [first] = (site / "assets").glob("style-katex.*.css")
    assert len(gzip.compress(first.read_bytes())) < 15_000  # ten packets: one round trip
    [whole] = (site / "assets").glob("style-whole.*.css")
    assert "@font-face" in first.read_text(encoding="utf-8") and "@font-face" not in whole.read_text(encoding="utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ["", "attention/scaled-dot-product/", "notebooks/position/rope/", "attention/", "formulas/", "errata/", "self-test/", "contributing/", "source/"]:
        page.goto(address + path, wait_until="networkidle")
        before = page.evaluate(LOOKS)
        page.evaluate(WHOLE)
        changed = [pair for pair in zip(before, page.evaluate(LOOKS), strict=True) if pair[0] != pair[1]]
        assert not changed, f"{path}: {len(changed)} elements, first {changed[0]}"
    context.close()


@pytest.mark.parametrize("path, boxes, some_narrow", [("systems/kv-cache/", ".formula > .katex-display", True), ("attention/scaled-dot-product/", ".md-typeset table:not([class])", False)])
def test_what_is_wide_fades_where_it_goes_on(chromium, address, path, boxes, some_narrow):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(address + path)
    faded = f"""() => [...document.querySelectorAll("{boxes}")].map((box) => [box.scrollWidth > box.clientWidth, getComputedStyle(box).maskImage !== "none"])"""
    states = page.evaluate(faded)
    assert any(wide for wide, _ in states) and (not some_narrow or not all(wide for wide, _ in states))
    assert all(wide == fades for wide, fades in states), states
    page.evaluate(f"""() => document.querySelectorAll("{boxes}").forEach((box) => {{ box.scrollLeft = box.scrollWidth; }})""")
    page.wait_for_timeout(100)  # a scroll timeline moves with the next frame
    assert not any(fades for _, fades in page.evaluate(faded))
    page.close()


# Signs of a page's formulas that look the same in KaTeX's font as in no font at all: the font kept for the site lacks them.
UNDRAWN = """async () => {
  await document.fonts.ready;
  const canvas = Object.assign(document.createElement("canvas"), { width: 90, height: 90 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const look = (font, sign) => { pen.clearRect(0, 0, 90, 90); pen.font = font; pen.fillText(sign, 30, 60); return pen.getImageData(0, 0, 90, 90).data.join(); };
  const seen = new Set(), lacking = [];
  const walk = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    if (!node.parentElement.closest(".katex-html")) continue;
    const style = getComputedStyle(node.parentElement), family = style.fontFamily.split(",")[0];
    for (const sign of node.data.replace(/[\\s\\u200b\\u2e80-\\udfff\\uff00-\\uffef]/g, "")) {
      const font = `${style.fontStyle} ${style.fontWeight} 40px `, key = font + family + sign;
      if (seen.has(key)) continue;
      seen.add(key);
      await document.fonts.load(font + family, sign);
      if (look(font + family, sign) === look(font + "none-such", sign)) lacking.push(`${family} ${sign} ${sign.codePointAt(0).toString(16)}`);
    }
  }
  return { signs: seen.size, lacking };
}"""


def test_every_sign_of_a_formula_is_drawn_by_its_font(page, address):
    """Also the stroke of ≠, which stands in the private-use area: without it ≠ is drawn as =."""
    signs, lacking = 0, {}
    for concept in concepts.pages():
        page.goto(f"{address}{concept}/", wait_until="domcontentloaded")
        found = page.evaluate(UNDRAWN)
        signs += found["signs"]
        lacking |= {concept: found["lacking"]} if found["lacking"] else {}
    assert signs > 1000 and lacking == {}
