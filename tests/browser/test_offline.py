"""The archive opened from a disk, cut off from every network: read, walked, searched."""
import re
import zipfile

import pytest

from scripts import offline


@pytest.fixture(scope="module")
def folder(site, tmp_path_factory):
    root = tmp_path_factory.mktemp("从硬盘")
    with zipfile.ZipFile(site / offline.ARCHIVE) as archive:
        archive.extractall(root)
    return root / offline.FOLDER


@pytest.fixture
def page(chromium, folder):
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    opened, noise = context.new_page(), []
    opened.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: noise.append(str(e)))
    opened.on("request", lambda r: noise.append(r.url) if not r.url.startswith((folder.as_uri(), "data:", "blob:")) else None)
    yield opened
    context.close()
    assert noise == []


def test_reading_from_a_disk(page, folder):
    page.goto((folder / "index.html").as_uri())
    page.locator("article a", has_text="缩放点积注意力").last.click()
    assert page.url == (folder / "attention" / "scaled-dot-product" / "index.html").as_uri()
    formula = page.locator(".formula.named .katex-html").first
    assert formula.bounding_box()["width"] > 50
    assert page.evaluate("document.fonts.load('16px KaTeX_Math').then(fonts => fonts.length)") == 1
    picture = page.locator("a.enlarge img:visible").first
    picture.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert picture.evaluate("i => i.complete && i.naturalWidth") > 100
    page.click("label[title='换成深色']:visible")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    page.click(".page-links a:has-text('笔记本')")
    assert page.url.endswith("/notebooks/attention/scaled-dot-product/index.html")
    page.click(".md-tabs a:has-text('公式')")
    assert page.url.endswith("/formulas/index.html") and "只在线可用" in page.locator("article").inner_text() and "点一个试试" not in page.locator("article").inner_text()
    page.goto((folder / "errata" / "index.html").as_uri())
    page.locator("tr[data-verdict] a").first.click()
    assert re.search(r"/index\.html#erratum-", page.url)
    page.goto((folder / "attention" / "scaled-dot-product" / "index.html").as_uri())
    page.locator("a.enlarge").first.click()
    page.wait_for_url("**/fig-*.svg")


def test_searching_from_a_disk(page, folder):
    page.goto((folder / "position" / "rope" / "index.html").as_uri())
    page.mouse.move(200, 300)
    page.wait_for_timeout(1000)
    page.click(".md-search__input")
    page.keyboard.insert_text("线性注意力")
    page.keyboard.press("End")
    first = page.locator(".md-search-result__item > a").first
    first.wait_for()
    first.click()
    page.wait_for_url("**/attention/linear-attention/index.html*")
    assert "线性注意力" in page.locator("h1").inner_text()


def test_the_self_test_on_a_disk_is_a_list_of_links(page, folder):
    page.goto((folder / "self-test" / "index.html").as_uri())
    page.mouse.move(200, 300)
    page.wait_for_timeout(500)
    assert page.locator(".card a:visible").count() > 200 and page.locator(".cards :is(button, input):visible").count() == 0


def test_every_link_of_the_archive_names_a_file(folder):
    for path in folder.rglob("*.html"):
        for link in re.findall(r' href="([^"#?:]+)["#?]', path.read_text(encoding="utf-8")):
            assert (path.parent / link).is_file(), f"{path.relative_to(folder)}: {link}"


def test_the_page_says_the_size(page, site, folder):
    said = re.search(r"([\d.]+) MB", (site / "offline" / "index.html").read_text(encoding="utf-8"))
    assert abs(float(said[1]) * 1e6 - (site / offline.ARCHIVE).stat().st_size) <= 50_000
    page.goto((folder / "offline" / "index.html").as_uri())
    assert "正在看的就是离线版" in page.locator("article").inner_text() and page.locator("a[download]").count() == 0
