"""What a reviewer is told of a pull request, and that a stranger's report cannot say anything else."""
import json
import os
import subprocess
import sys

import nbformat
import pytest

from scripts import comment, report, repository
from scripts.notebooks import cache, execute
from tests.conftest import errors_of

FIGURE = "#| label: fig-a\n#| fig-cap: x\n#| fig-alt: x\nimport matplotlib.pyplot as plt\nplt.plot([1, {}])\nplt.show()"
KEPT = "#| label: fig-b\n#| fig-cap: x\n#| fig-alt: x\nplt.plot([1, 2])\nplt.show()"
RESULTS = "#| label: results\nprint('<b>{}</b>')\n{{'a': {{'b': {}}}, 'same': 1}}"


def write(path, value):
    cells = [nbformat.v4.new_code_cell(code, id=f"cell-{n:02}") for n, code in enumerate([FIGURE.format(value), KEPT, RESULTS.format(value, value)])]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def git(root, *command):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *command], cwd=root, check=True, capture_output=True)


@pytest.fixture
def project(room, tmp_path, monkeypatch):
    """`room` with the report's folders inside it."""
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    monkeypatch.setattr(report, "OLD", cache.CACHE / "base" / "notebooks")
    monkeypatch.setattr(report, "OUT", cache.CACHE / "report")
    inner = execute.execute_all
    monkeypatch.setattr(execute, "execute_all", lambda paths, report: errors_of(paths, inner))
    return room


def test_a_report_shows_what_changed_and_nothing_else(project, tmp_path, capsys):
    topic = cache.NOTEBOOKS / "topic"
    write(topic / "changed.ipynb", 2)
    write(topic / "untouched.ipynb", 5)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "notebooks")
    git(tmp_path, "commit", "-qm", "x")
    write(topic / "changed.ipynb", 3)
    write(topic / "new.ipynb", 4)
    git(tmp_path, "add", "notebooks")
    git(tmp_path, "commit", "-qm", "y")

    assert report.main([]) == 0
    changed, new = json.loads((report.OUT / "report.json").read_text(encoding="utf-8"))["notebooks"]
    assert changed["concept"] == "topic/changed" and new["concept"] == "topic/new"
    assert changed["results"] == 1 and changed["lines"] >= 2
    assert changed["figures"] == {"same": 1, "changed": 1, "added": 0, "removed": 0}
    assert new["seconds"][0] is None and new["figures"]["added"] == 2
    page = (report.OUT / "index.html").read_text(encoding="utf-8")
    assert "<td>a.b</td><td>2</td><td>3</td>" in page and "&lt;b&gt;3&lt;/b&gt;" in page and "<b>3</b>" not in page
    assert (report.OUT / "topic-changed-fig-a.main.svg").read_bytes() != (report.OUT / "topic-changed-fig-a.here.svg").read_bytes()
    said = capsys.readouterr().out
    assert "| topic/changed |" in said and "1 / 1 / 0 / 0" in said and "untouched" not in said


def test_a_report_fails_when_a_changed_notebook_does(project, capsys):
    project(broken="1 / 0")
    assert report.main([]) == 1
    told = capsys.readouterr()
    assert "有 1 个没有跑成" in told.out and "[RUN-1] ZeroDivisionError" in told.err


@pytest.mark.parametrize("hostile", [
    None, [], "text", {"notebooks": "x"}, {"notebooks": [None, 3, {}]}, {"failed": "@all [x](https://evil.invalid)"},
    {"notebooks": [{"concept": "a/b|<img src=x>", "seconds": [1, 2], "results": 0, "lines": 0, "figures": {"same": 0, "changed": 0, "added": 0, "removed": 0}}]},
    {"notebooks": [{"concept": "a/b", "seconds": [1, "@all"], "results": 0, "lines": 0, "figures": {"same": 0, "changed": 0, "added": 0, "removed": 0}}]},
    {"notebooks": [{"concept": "a/b", "seconds": [1, 2], "results": "**x**", "lines": 0, "figures": {"same": 0, "changed": 0, "added": 0, "removed": 0}}]},
    {"notebooks": [{"concept": "a/b", "seconds": [1, 2], "results": 0, "lines": float("nan"), "figures": {"same": 1e99, "changed": 0, "added": 0, "removed": 0}}]},
])
def test_a_hostile_report_says_nothing(hostile):
    assert comment.summary(hostile) == "没有改动笔记本。"


def test_only_marked_lines_of_the_description_are_ticked():
    body = "- [ ] 规则 <!-- ci:规则 -->\r\n- [x] 全部 <!-- ci:全部关卡 -->\n- [ ] 有出处\n"
    assert comment.ticked(body, {"规则": True, "全部关卡": False}) == "- [x] 规则 <!-- ci:规则 -->\n- [ ] 全部 <!-- ci:全部关卡 -->\n- [ ] 有出处\n"


GH = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
line = sys.argv[1:]
sent = sys.stdin.read() if "--input" in line else ""
with open(here / "calls", "a") as log: log.write(json.dumps([line, sent]) + chr(10))
if line[:2] == ["run", "download"]:
    (pathlib.Path(line[line.index("--dir") + 1]) / "report.json").write_text((here / "report.json").read_text())
elif "PATCH" in line or "POST" in line: print("{{}}")
else: print((here / (line[1].split("/")[-1] + ".json")).read_text())
"""


@pytest.fixture
def github(tmp_path, monkeypatch):
    """A GitHub that answers from files and writes down what it is asked."""
    folder = tmp_path / "gh"
    folder.mkdir()
    (folder / "gh").write_text(GH.format(python=sys.executable), encoding="utf-8")
    (folder / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    for name, value in {"GITHUB_REPOSITORY": "o/r", "GITHUB_SERVER_URL": "https://github.com", "RUN": "7", "SHA": "abc",
                        "OWNER": "stranger", "BRANCH": "-X $(touch x) 分支"}.items():
        monkeypatch.setenv(name, value)

    def answer(**files):
        for name, value in files.items():
            (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
        return lambda: [json.loads(line) for line in (folder / "calls").read_text(encoding="utf-8").splitlines()]

    return answer


JOBS = {"jobs": [{"steps": [{"name": "规则", "conclusion": "success"}, {"name": "全部关卡", "conclusion": "failure"}]}]}
PULL = {"number": 5, "head": {"sha": "abc"}, "body": "- [ ] <!-- ci:规则 -->\n- [x] <!-- ci:全部关卡 -->"}
MINE = {"id": 9, "body": comment.MARK + " x", "user": {"login": "github-actions[bot]"}}
FORGED = {"id": 8, "body": comment.MARK + " x", "user": {"login": "stranger"}}


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
@pytest.mark.parametrize("comments, target, method", [([FORGED], "repos/o/r/issues/5/comments", "POST"), ([FORGED, MINE], "repos/o/r/issues/comments/9", "PATCH")])
def test_the_comment_is_one_and_the_list_is_ticked(github, comments, target, method):
    calls = github(pulls=[{**PULL, "number": 4, "head": {"sha": "older"}}, PULL], jobs=JOBS, comments=comments, report={"notebooks": [], "failed": 2})
    assert comment.main() == 0
    made = calls()
    assert f"head=stranger:{os.environ['BRANCH']}" in made[0][0]
    [patched] = [json.loads(sent) for line, sent in made if line[1] == "repos/o/r/pulls/5"]
    assert patched == {"body": "- [x] <!-- ci:规则 -->\n- [ ] <!-- ci:全部关卡 -->"}
    line, sent = made[-1]
    assert line[1] == target and method in line
    assert json.loads(sent)["body"].startswith(comment.MARK) and "有 2 个没有跑成" in json.loads(sent)["body"]


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
def test_nothing_is_said_of_a_commit_that_is_not_the_newest(github):
    calls = github(pulls=[{**PULL, "head": {"sha": "newer"}}])
    assert comment.main() == 0
    assert len(calls()) == 1
