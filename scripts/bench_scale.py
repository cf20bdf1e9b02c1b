"""Sites of 50, 500 and 5,000 pages made of our own: time and memory of a build, for each page."""
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import bench_results, concepts
from scripts.environment import CACHE, ROOT, VENV
from scripts.notebooks import cache

SIZES = (50, 500, 5000)
OTHERS = 16  # pages that are no concept: topics, the index and its like, about so many
COPIES = 6  # of our topics in one topic: a site that grows has more topics and longer ones


def main():
    """Print a table with ratios to the smallest site; return an exit code."""
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            root = Path(folder)
            generate(root, size)
            begin = _processor_seconds()
            # The child's own peak: RUSAGE_CHILDREN keeps the largest child so far, and sizes only grow.
            done = subprocess.run([sys.executable, "-m", "scripts.mkdocs_cli", "build", "-q", "--no-strict"], cwd=root, capture_output=True, text=True)
            seconds = _processor_seconds() - begin
            if done.returncode:
                print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
                return 1
            pages = len(list((root / "site").rglob("*.html")))
            rows.append((pages, seconds / pages, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / pages))
    bench_results.keep("scale", {"rows": [{"pages": pages, "time": round(seconds / rows[0][1], 3), "memory": round(memory / rows[0][2], 3)}
                                          for pages, seconds, memory in rows]})
    print("| 页 | 每页的时间（比最小的） | 每页的内存（比最小的） |\n|---:|---:|---:|")
    for pages, seconds, memory in rows:
        print(f"| {pages} | {seconds / rows[0][1]:.2f} | {memory / rows[0][2]:.2f} |")
    return 0


def _processor_seconds():
    """Of the children so far: a build works on one core, and other work on the machine does not lengthen this."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def generate(root, size):
    """A project with about `size` pages in a folder: our concepts again and again, every few copies a topic of their own."""
    for name in ("docs", "scripts", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    (root / "docs" / "performance.md").unlink(missing_ok=True)  # it quotes what is being measured
    shutil.copy(ROOT / "mkdocs.yml", root)
    shutil.copy(ROOT / "requirements.txt", root)
    (root / ".venv").symlink_to(VENV, target_is_directory=True)
    (root / ".cache").mkdir()
    for name in ("npm", "runs", "stamps"):
        (root / ".cache" / name).symlink_to(CACHE / name, target_is_directory=True)
    every = concepts.pages()
    wanted = max(1, (size - OTHERS) // 2)  # a page and a notebook each
    for concept in every[wanted:]:
        (root / "docs" / f"{concept}.md").unlink()
        (root / "notebooks" / f"{concept}.ipynb").unlink()
    for concept in every[:wanted]:
        page = root / "docs" / f"{concept}.md"
        kept = [c for c in concepts.front_matter(page).get("prerequisites") or () if c in every[:wanted]]
        page.write_text(re.sub(r"(?m)^prerequisites: .*$", f"prerequisites: [{', '.join(kept)}]", page.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    for number in range(len(every), wanted):
        _again(root, every[number % len(every)], number // len(every))


def _again(root, concept, number):
    """The concept under another name: same notebook, so the same run; names made unique."""
    topic, name = concept.split("/")
    copy, name = f"{topic}-{number // COPIES}", f"{name}-{number}"
    page = root / "docs" / copy / f"{name}.md"
    if not page.parent.exists():
        page.parent.mkdir()
        (root / "notebooks" / copy).mkdir()
        shutil.copy(root / "docs" / topic / "index.md", page.parent)
    text = (ROOT / "docs" / f"{concept}.md").read_text(encoding="utf-8")
    front, body, _ = concepts.split(text)
    labels = re.findall(r"\\label\{([^}]+)\}", body)
    for label in labels:
        body = body.replace(f"\\label{{{label}}}", f"\\label{{{label}-{number}}}")
        front = re.sub(rf"^  {re.escape(label)}:$", f"  {label}-{number}:", front, flags=re.M)
    # A correction has one place.
    body = re.sub(r'^!!! erratum "[^"]*"\n+(?:    .*\n|\n)*', "", body, flags=re.M)
    page.write_text(f"---\n{re.sub(r'(?m)^notes: .*$', 'notes: []', front)}---\n{body}", encoding="utf-8")
    shutil.copy(cache.NOTEBOOKS / f"{concept}.ipynb", root / "notebooks" / copy / f"{name}.ipynb")
