"""The repository's name and every link that depends on it, computed, never typed."""
import functools
import os
import re
import subprocess
from urllib.parse import quote, urlencode

from scripts.environment import ROOT

BRANCH = "main"


@functools.cache
def name(setting):
    """`owner/name`: GITHUB_REPOSITORY, else the git remote, else the setting of mkdocs.yml."""
    given = os.environ.get("GITHUB_REPOSITORY", "")
    remote = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", _git("remote", "get-url", "origin"))
    return given or (remote[1] if remote else setting)


def commit(path):
    """Short hash of the commit that last touched a file; marks what is not committed yet."""
    found, dirty = _commits(path.split("/")[0])
    return found.get(path, "未提交") + ("（有未提交的改动）" if path in found and path in dirty else "")


@functools.cache
def _commits(folder):
    """{file: hash of its last commit}, {files with changes}: git is asked twice, not twice for every file."""
    found, hash_ = {}, ""
    for line in _git("log", "--format=@%h", "--name-only", "--", folder).splitlines():
        if line.startswith("@"):
            hash_ = line[1:]
        elif line:
            found.setdefault(line, hash_)
    return found, {line[3:] for line in _git("status", "--porcelain", "--untracked-files=all", "--", folder).splitlines()}


def commit_time():
    """Seconds since 1970 of the last commit, as text; "0" outside a repository."""
    return _git("log", "-1", "--format=%ct") or "0"


def files(commit, folder, root=ROOT):
    """Files below a folder as a commit has them; [] when there is no such commit."""
    return _git("ls-tree", "-r", "--name-only", commit, "--", folder, root=root).splitlines()


def content(commit, path):
    """A file's bytes as a commit has it; b"" when it has none."""
    done = subprocess.run(["git", "show", f"{commit}:{path}"], cwd=ROOT, capture_output=True)
    return done.stdout if done.returncode == 0 else b""


def links(repository, source, notebook, title):
    """Links of one page as a dict; notebook is `topic/concept` or None."""
    github = f"https://github.com/{repository}"
    found = {
        "edit": f"{github}/edit/{BRANCH}/{quote(source)}",
        "report": f"{github}/issues/new?" + urlencode({"template": "erratum.yml", "title": f"[勘误] {title}", "page": source}),
    }
    if notebook:
        path = f"notebooks/{notebook}.ipynb"
        found["colab"] = f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{path}"
        found["dsw"] = f"https://gallery.pai-ml.com/#/import/{github}/blob/{BRANCH}/{path}"
    return found


def _git(*command, root=ROOT):
    done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True)
    return done.stdout.strip("\n") if done.returncode == 0 else ""  # " M file": blanks at the start count
