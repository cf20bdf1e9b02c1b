"""Report a finished check on its pull request: tick the list, post one comment. Standard library only.

This runs with the right to write, beside a stranger's artifact. Nothing of theirs is executed or repeated: from
report.json come numbers and names that match a pattern, everything else comes from GitHub itself.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MARK = "<!-- llm-notes: report -->"
TICK = re.compile(r"^- \[[ x]\] (.*<!-- ci:(\S+) -->)[ \r]*$", re.M)
BYTES = 200_000


def main():
    """Called by .github/workflows/comment.yml with RUN, SHA, OWNER, BRANCH and GITHUB_REPOSITORY; returns an exit code."""
    repository, run, sha = (os.environ[k] for k in ("GITHUB_REPOSITORY", "RUN", "SHA"))
    api = f"repos/{repository}"
    # A query field, not part of the address: a branch may be called anything.
    opened = _gh(f"{api}/pulls", "-X", "GET", "-f", "state=open", "-f", f"head={os.environ['OWNER']}:{os.environ['BRANCH']}")
    found = [p for p in opened if p["head"]["sha"] == sha]
    if not found:
        print(f"没有打开的 PR 停在 {sha}：已有更新的提交，不回报")
        return 0
    number = found[0]["number"]
    steps = {step["name"]: step["conclusion"] == "success"
             for job in _gh(f"{api}/actions/runs/{run}/jobs")["jobs"] for step in job.get("steps", ())}
    body = ticked(found[0].get("body") or "", steps)
    if body != found[0].get("body"):
        _gh(f"{api}/pulls/{number}", "-X", "PATCH", body={"body": body})
    text = "\n".join([MARK, summary(_report(run)), "", f"图的前后对照与预览：[这次运行]({os.environ['GITHUB_SERVER_URL']}/{repository}/actions/runs/{run}) "
                      "末尾的附件 preview，解压后打开 report/index.html 与 llm-notes/index.html。预览不放到网上：它是还没有人看过的网页。"])
    old = [c for c in _gh(f"{api}/issues/{number}/comments", "-X", "GET", "-f", "per_page=100")
           if c["body"].startswith(MARK) and c["user"]["login"] == "github-actions[bot]"]
    if old:
        _gh(f"{api}/issues/comments/{old[0]['id']}", "-X", "PATCH", body={"body": text})
    else:
        _gh(f"{api}/issues/{number}/comments", "-X", "POST", body={"body": text})
    return 0


def summary(report):
    """Markdown for a report, from what in it is well formed; a report that is not a report gives one sentence."""
    rows = [row for row in map(_row, _list(report, "notebooks")) if row]
    failed = report.get("failed") if isinstance(report, dict) else None
    lines = [f"改动的笔记本里有 {failed} 个没有跑成，见运行日志。"] if _number(failed) and failed else []
    if not rows:
        return "\n".join([*lines, "没有改动笔记本。" if not lines else ""]).strip()
    return "\n".join([*lines, "| 改动的笔记本 | CPU 秒 | 变了的结果 | 变了的输出行 | 图：同 / 变 / 增 / 删 |", "|---|---:|---:|---:|---:|", *rows, "",
                      "跑成的笔记本图内没有缺字，没有向 stderr 输出，没有留下文件（RUN-5、RUN-6）。"])


def ticked(body, steps):
    """The description with each `- [ ] … <!-- ci:step -->` set by what became of that step."""
    return TICK.sub(lambda m: f"- [{'x' if steps.get(m[2]) else ' '}] {m[1]}", body)


def _row(entry):
    if not isinstance(entry, dict) or not re.fullmatch(r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}", str(entry.get("concept"))):
        return None
    seconds, figures = _list(entry, "seconds"), entry.get("figures")
    counts = [figures.get(k) for k in ("same", "changed", "added", "removed")] if isinstance(figures, dict) else []
    numbers = [entry.get("results"), entry.get("lines"), *counts]
    if len(seconds) != 2 or not _number(seconds[1]) or len(numbers) != 6 or not all(map(_number, numbers)):
        return None
    old = f"{seconds[0]:g} → " if _number(seconds[0]) else "新，"
    return f"| {entry['concept']} | {old}{seconds[1]:g} | {numbers[0]:g} | {numbers[1]:g} | {' / '.join(f'{n:g}' for n in counts)} |"


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e6


def _list(thing, key):
    found = thing.get(key) if isinstance(thing, dict) else None
    return found[:100] if isinstance(found, list) else []


def _report(run):
    """The artifact's report.json, parsed; {} when it is missing, too big or not JSON."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gh", "run", "download", run, "--name", "report", "--dir", folder], capture_output=True)
        path = Path(folder) / "report.json"
        if path.is_symlink() or not path.is_file() or path.stat().st_size > BYTES:
            return {}
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            return {}


def _gh(path, *options, body=None):
    command = ["gh", "api", path, *options, *(["--input", "-"] if body else [])]
    done = subprocess.run(command, input=json.dumps(body) if body else None, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f".github/workflows/comment.yml:1: [COMMENT-1] GitHub 没有答应 {path}：{done.stderr.strip()[:200]}；改法：看仓库的 Actions 权限。")
    return json.loads(done.stdout or "null")


if __name__ == "__main__":
    sys.exit(main())
