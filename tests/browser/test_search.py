"""Text search finds the page that a query is about, through the theme's own box and worker."""
from pathlib import Path

import pytest

from tests.browser.test_site import wake

QUERIES = [line.split("\t") for line in Path(__file__).with_name("text-queries.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def found(chromium, address):
    """{query: paths of the pages found, best first}."""
    context = chromium.new_context(bypass_csp=True)  # waiting for a condition evaluates a string
    page = context.new_page()
    page.goto(address)
    wake(page)
    page.click(".md-search__input")
    page.keyboard.insert_text("zzzz")
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.md-search-result__meta').textContent.includes('没有找到')", timeout=60_000)
    results = {}
    for query, _ in QUERIES:
        # The list is emptied by hand: what stands there afterwards belongs to this query.
        page.evaluate("document.querySelector('.md-search-result__list').replaceChildren()")
        page.fill(".md-search__input", query)
        page.keyboard.press("End")  # the theme listens to keys, not to input events
        page.wait_for_timeout(60)
        page.wait_for_function("""document.querySelector('.md-search-result__list').children.length
            || document.querySelector('.md-search-result__meta').textContent.includes('没有找到')""")
        hrefs = page.eval_on_selector_all(".md-search-result__item > a", "links => links.map(a => a.href)")
        # Sections of one page stand under one result: a page counts once.
        pages = [href.removeprefix(address).split("#")[0].split("?")[0].strip("/") for href in hrefs]
        results[query] = list(dict.fromkeys(pages))
    context.close()
    return results


def test_success_at_1_and_3(found):
    def rank(query, wanted):
        return next((i for i, path in enumerate(found[query]) if path in wanted.split("|")), 99)

    ranks = {query: rank(query, wanted) for query, wanted in QUERIES}
    first, third = (sum(r < n for r in ranks.values()) / len(ranks) for n in (1, 3))
    late = {query: found[query][:3] for query, r in ranks.items() if r >= 1}
    print(f"success@1 {first:.3f}, success@3 {third:.3f} of {len(ranks)}", *late.items(), sep="\n")
    assert len(QUERIES) >= 60
    assert first >= 0.90 and third >= 0.97, late


def test_the_index_comes_when_the_box_is_opened_and_not_before(chromium, address):
    context = chromium.new_context()
    page, asked = context.new_page(), []
    page.on("request", lambda r: asked.append(r.url.removeprefix(address)))
    page.goto(f"{address}position/rope/")
    wake(page)
    page.wait_for_timeout(1000)
    assert not any(url.startswith("search/") for url in asked) and any("bundle" in url for url in asked), asked
    with page.expect_response("**/search/search_index.json"):
        page.click(".md-search__input")
    context.close()


def test_the_theme_comes_after_the_page(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    with page.expect_request("**/bundle.*.js") as bundle:
        page.goto(f"{address}position/rope/")
    assert bundle.value and page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") > 0
    begun = page.evaluate("performance.getEntriesByName(document.querySelector('[data-bundle]').href)[0]?.startTime ?? Infinity")
    assert begun > page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    context.close()
