"""The workflows say nothing that their linters object to; what runs has an owner."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import comment
from scripts.environment import ROOT

BIN = Path(sys.executable).parent


def run(*command):
    return subprocess.run([str(c) for c in command], cwd=ROOT, capture_output=True, text=True)


def test_zizmor_finds_nothing_as_an_auditor():
    done = run(shutil.which("zizmor", path=BIN), "--offline", "--persona", "auditor", ".github/workflows")
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing():
    done = run(shutil.which("actionlint", path=BIN), *sorted((ROOT / ".github" / "workflows").glob("*.yml")))
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_find_something(tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.evnt }}\n", encoding="utf-8")
    done = run(shutil.which("actionlint", path=BIN), bad)
    assert done.returncode == 1 and "evnt" in done.stdout


def test_workflows_and_issue_forms_match_their_schemas():
    tool = shutil.which("check-jsonschema", path=BIN)
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    forms = [p for p in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if p.name != "config.yml"]
    assert len(workflows) == 5 and len(forms) == 3
    for schema, files in (("vendor.github-workflows", workflows), ("vendor.github-issue-forms", forms)):
        done = run(tool, "--builtin-schema", schema, *files)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_pull_request_gets_no_write_right_and_no_secret():
    for name in ("check", "gate"):
        text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        assert "secrets." not in text and ": write" not in text and "token }}" not in text
        assert text.count("persist-credentials: false") == text.count("actions/checkout@")


def test_the_workflow_that_may_write_takes_nothing_from_the_pull_request():
    text = (ROOT / ".github" / "workflows" / "comment.yml").read_text(encoding="utf-8")
    assert "ref:" not in text and "download-artifact" not in text and "persist-credentials: false" in text
    # Names that a stranger chose reach the script as variables; in a command line they would be code.
    assert [line.strip() for line in text.splitlines() if line.strip().startswith(("run:", "- run:"))] == ["- run: python3 -m scripts.comment"]


def test_every_line_that_ci_ticks_names_a_step_of_the_gate():
    template = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    gate = (ROOT / ".github" / "workflows" / "gate.yml").read_text(encoding="utf-8")
    marked = [match[2] for match in comment.TICK.finditer(template)]
    assert len(marked) == 3 and all(f"- name: {name}\n" in gate for name in marked)


def test_every_file_but_what_is_read_has_an_owner():
    """Pages, notebooks, data and words may be anyone's; whatever runs, or decides what runs, is looked at by a maintainer."""
    owned = re.findall(r"^/(\S+) +@", (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8"), re.M)
    tracked = run("git", "ls-files").stdout.splitlines()
    free = [name for name in tracked if not any(name == o or (o.endswith("/") and name.startswith(o)) for o in owned)]
    assert "docs/index.md" in free
    assert [name for name in free if not re.fullmatch(r"docs/.*\.(md|txt|csv|json|yml)|notebooks/.*\.ipynb|[A-Z]+(\.md)?|\.gitignore", name)] == []
    assert [o for o in owned if not (ROOT / o).exists()] == []


def test_issue_form_has_the_fields_that_the_report_link_fills():
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / "erratum.yml").read_text(encoding="utf-8")
    assert all(f"id: {name}" in text for name in ("page", "section", "quote", "source"))
