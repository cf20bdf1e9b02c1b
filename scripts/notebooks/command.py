"""`python -m scripts execute`: bring runs up to date, of all notebooks or of those named `topic/concept`."""
import sys

from scripts.notebooks import cache, execute


def main(argv):
    """Return 0 when every notebook asked for has a valid run."""
    paths = [cache.NOTEBOOKS / f"{name}.ipynb" for name in argv]
    missing = [name for name, path in zip(argv, paths) if not path.is_file()]
    if missing:
        print(f"notebooks/{missing[0]}.ipynb:1: [RUN-0] 没有这个笔记本；改法：写 主题/概念，例如 attention/scaled-dot-product。", file=sys.stderr)
        return 2
    errors = execute.execute_all(paths or None)
    print("\n".join(errors), file=sys.stderr)
    return bool(errors)
