"""`make serve` as an author uses it: what is saved is seen, and only what changed is made anew."""
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def seen(address, text, seconds):
    """Seconds until a page holds a text; fails after the limit."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if text in answer.read().decode("utf-8"):
                    return time.monotonic() - start
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.05)
    pytest.fail(f"{address} 里一直没有 {text}")


@pytest.mark.skipif(os.name == "nt", reason="process groups")
def test_an_edited_page_is_seen_within_seconds(copy):
    port = free_port()
    log = (copy.root / "serve.log").open("w+")
    server = subprocess.Popen([sys.executable, "-m", "scripts", "serve", "--dev-addr", f"127.0.0.1:{port}"], cwd=copy.root, stdout=log,
                              stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(copy.root)}, start_new_session=True)
    try:
        home = f"http://127.0.0.1:{port}/position/rope/"
        seen(home, "旋转", 120)
        page = copy.root / "docs" / "position" / "rope.md"
        took = []
        for n in range(3):
            text = page.read_text(encoding="utf-8")
            page.write_text(re.sub(r"\n## 动手验证\n(第 \d 次改\n)?", f"\n## 动手验证\n第 {n} 次改\n", text), encoding="utf-8")
            took.append(seen(home, f"第 {n} 次改", 30))
        # A search index, a formula and the pages beside it are still there.
        assert "katex" in urllib.request.urlopen(home).read().decode()
        seen(f"http://127.0.0.1:{port}/attention/scaled-dot-product/", "缩放", 5)
        print("edit to page, seconds:", [round(t, 2) for t in took])
        # The whole site takes more than ten times what one page takes; the limit leaves room for a busy machine.
        assert min(took) < 6, took
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
    log.seek(0)
    assert "Traceback" not in log.read()
