"""Formula search in a browser: from a key to painted cards on a slow phone, over the site's own formulas.

Chromium's throttle slows the page's thread and leaves workers at full speed. So the time that the worker
works is counted four times, too: key to paint as measured, and three times what the worker's own clock says.
Other work on the machine lengthens all of this; the processor time of the page's thread says what the page itself costs.
"""
import json
import os
import statistics

from scripts.checks.site import search_weight
from scripts.environment import ROOT, browser
from scripts.serving import serve

RATE = 4
OPENINGS = 5
EVERY = 12  # of the site's formulas, one in so many is asked for

# In the worker: how long it works on each question, until its first answer goes out.
WATCH = """() => {
  const answer = self.onmessage, post = self.postMessage.bind(self);
  let from = 0;
  self.worked = [];
  self.postMessage = (message) => { if (message.hits && !message.below) self.worked.push(performance.now() - from); post(message); };
  self.onmessage = (event) => { from = performance.now(); return answer(event); };
}"""

# From the first key to the first card, in ms.
OPEN = """(query) => new Promise((done) => {
  const input = document.querySelector("#fs-input"), from = performance.now();
  new MutationObserver((_, watch) => {
    if (!document.querySelector(".fs-card")) return;
    watch.disconnect();
    done(performance.now() - from);
  }).observe(document.body, { childList: true, subtree: true });
  input.focus();
  input.value = query;
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
})"""

# Ahead of the worker's own code: when its first answer went out.
FIRST = """const send = self.postMessage.bind(self);
self.postMessage = (message) => { if (message.hits) self.first ??= performance.now(); send(message); };
"""

# In the worker: how long it worked until then, all that the index needs being there.
MADE = """() => self.first - Math.max(...performance.getEntriesByType("resource").map((e) => e.responseEnd).filter((end) => end < self.first))"""

# The last character of each query is the key that is timed; what stood before it has been answered.
TYPE = """async (queries) => {
  const input = document.querySelector("#fs-input"), said = document.querySelector(".fs-status"); // said anew with every answer
  const changed = () => new Promise((done) => {
    const watch = new MutationObserver(() => { watch.disconnect(); done(); });
    watch.observe(said, { childList: true });
  });
  const type = (text) => { input.value = text; input.dispatchEvent(new InputEvent("input", { bubbles: true })); };
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const times = [];
  for (const query of queries) {
    const before = Promise.race([changed(), pause(400)]);
    type(query.slice(0, -1));
    await before;
    await pause(250);
    const after = changed(), from = performance.now();
    type(query);
    await after;
    await painted();
    times.push(performance.now() - from);
  }
  return times;
}"""


def main():
    """Print weights and latencies."""
    assets = ROOT / "site" / "assets"
    formulas = json.loads((assets / "formulas.json").read_text(encoding="utf-8"))
    print("| 公式搜索的重量（gzip） | B |\n|---|---:|")
    names = {"own": "自己的代码与样式，打开搜索时", "programs": "读代码的部分，输入代码时", "library": "MiniSearch",
             "data": f"{len(formulas)} 条公式的清单", "asked": "别名与别的问法，清单之后", "details": "记号与代码，展开或复制时"}
    for name, size in search_weight(assets).items():
        print(f"| {names[name]} | {size} |")
    kinds = {"中文名": [f["title"] for f in formulas], "英文名": [f["en"] for f in formulas], "TeX": [f["tex"] for f in formulas],
             "半截 TeX": [f["tex"][:max(6, len(f["tex"]) // 2)] for f in formulas]}
    times, cpu = latencies({kind: texts[::EVERY] for kind, texts in kinds.items()})
    print(f"\n| 按键到画好卡片，{RATE} 倍降速，{len(formulas)} 条公式 | 次数 | p50 ms | p95 ms | 其中页面 p95 | 其中搜索 p95 | 搜索不降速 p95 |\n|---|---:|---:|---:|---:|---:|---:|")
    for kind, rows in [*times.items(), ("全部", [row for rows in times.values() for row in rows])]:
        whole, page, search, plain = ([pick(row) for row in rows] for pick in (
            lambda r: r[0] + (RATE - 1) * r[1], lambda r: r[0] - r[1], lambda r: RATE * r[1], lambda r: r[0]))
        print(f"| {kind} | {len(rows)} | {statistics.median(whole):.0f} | {p95(whole):.0f} | {p95(page):.0f} | {p95(search):.0f} | {p95(plain):.0f} |")
    name, formula = opening("softmax"), opening(r"\frac{QK^\top}{\sqrt{d_k}}")
    print(f"\n打开搜索到第一张卡片，{RATE} 倍降速，{OPENINGS} 次的中位数：输入名称 {name:.0f} ms，输入公式 {formula:.0f} ms")
    print(f"页面线程每次按键（含首屏之后的卡片）用 {cpu:.0f} ms 处理器时间，未降速；测量时机器的负载 {os.getloadavg()[0]:.1f}，{os.cpu_count()} 核")
    return 0


def phone(playwright):
    """A page as wide as a phone, in a browser of its own."""
    chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
    return chromium.new_page(viewport={"width": 390, "height": 844})


def slow_down(page):
    """Throttle the page's thread; workers go on at full speed."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": RATE})


def worker_of(page):
    """The worker of formula search."""
    return next(w for w in page.workers if "formula-search" in w.url)


def latencies(queries):
    """{kind: [(key to paint on the throttled page, worker at full speed) in ms]} for {kind: texts}, and processor ms a key."""
    from playwright.sync_api import sync_playwright

    with serve(ROOT / "site") as base, sync_playwright() as playwright:
        page = phone(playwright)
        page.goto(base + "formulas/")
        page.fill("#fs-input", "softmax")
        page.wait_for_selector(".fs-card", timeout=60_000)
        page.wait_for_timeout(20_000)  # the worker draws ahead
        worker = worker_of(page)
        worker.evaluate(WATCH)
        cpu = processor_time(page, [texts[0] for texts in queries.values()])
        slow_down(page)
        found = {}
        for kind, texts in queries.items():
            worker.evaluate("() => { self.worked.length = 0; }")
            whole = page.evaluate(TYPE, texts)
            found[kind] = list(zip(whole, worker.evaluate("self.worked")[1::2], strict=True))
        page.context.browser.close()
    return found, cpu


def opening(query):
    """Median ms from the first key in a new browser to the first card; the index is made in the worker, which is not throttled."""
    from playwright.sync_api import sync_playwright

    found = []
    with serve(ROOT / "site") as base, sync_playwright() as playwright:
        for _ in range(OPENINGS):
            page = phone(playwright)
            page.route("**/worker*.js", lambda route: route.fulfill(response=(kept := route.fetch()), body=FIRST + kept.text()))
            page.goto(base + "formulas/")
            slow_down(page)
            whole = page.evaluate(OPEN, query)
            found.append(whole + (RATE - 1) * worker_of(page).evaluate(MADE))
            page.context.browser.close()
    return statistics.median(found)


def processor_time(page, queries):
    """Processor ms of the page's thread a key, each query typed with its last character apart."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent():
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    before = spent()
    page.evaluate(TYPE, queries)
    return 1000 * (spent() - before) / (2 * len(queries))


def p95(values):
    """The value that 95 in 100 do not exceed."""
    return sorted(values)[int(0.95 * (len(values) - 1) + 0.5)]
