"""`python -m scripts restore FILE` and `python -m scripts clean FILE`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scripts.restore import interactive
from scripts.restore.report import build_report
from scripts.restore.restoration import Result, restore_text

LARGE = 200_000  # characters from which progress is shown


def read_file(name: str) -> str:
    """The text of a UTF-8 file, line ends untouched. Raises ValueError, in Chinese, if it is none."""
    path = Path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{name}:1: [RESTORE] 读不了这个文件（{error.strerror}）；改法：检查路径与权限") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "GBK 或其他编码"
        raise ValueError(
            f"{name}:{line}: [RESTORE] 第 {error.start + 1} 个字节起不是 UTF-8（像是 {hint}）；"
            "改法：在编辑器里另存为 UTF-8 再试"
        ) from error


def restore_file(name: str) -> Result:
    """Restore the file; errors name it."""
    text = read_file(name)
    try:
        return restore_text(text, progress=len(text) > LARGE)
    except ValueError as error:
        message = str(error)
        raise ValueError(message if "[" in message else f"{name}:1: [RESTORE] {message}") from error


def write_stdout(text: str) -> None:
    """Bytes, not text: Windows would otherwise change the line ends."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


def main(argv: list[str]) -> int:
    """Print the restored text of a file to stdout, byte exact; 1 and one line on stderr if it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m scripts restore", description="复原被错误编码损坏的文字")
    parser.add_argument("file", metavar="FILE", help="损坏的文件（UTF-8）")
    parser.add_argument("--report", metavar="R.json", help="把没有把握的地方写进这个文件")
    parser.add_argument("--interactive", action="store_true", help="逐处询问没有把握的地方，记住选择")
    options = parser.parse_args(argv)
    try:
        result = restore_file(options.file)
        if options.interactive and interactive.ask(result):
            result = restore_file(options.file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if options.report:
        content = build_report(result, options.file)
        Path(options.report).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_stdout(result.text)
    return 0


def clean_main(argv: list[str]) -> int:
    """Print the restored and cleaned Markdown of a file to stdout."""
    from scripts.restore.cleaning import clean  # needs KaTeX, which `restore` does not

    parser = argparse.ArgumentParser(prog="python -m scripts clean", description="复原并整理成 Markdown")
    parser.add_argument("file", metavar="FILE", help="损坏的或已复原的文件（UTF-8）")
    options = parser.parse_args(argv)
    try:
        write_stdout(clean(restore_file(options.file).text))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
