"""Characters: what no file may contain, whoever wrote it and on whatever system."""
import re

from scripts.checks.registry import DAMAGED, rule

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
INVISIBLE = "\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u3164"
LINE_LIMIT = 5000
# Restored text and test data keep what the notes really contain; data files have one record a line.
VERBATIM = ("docs/source/", "tests/", "scripts/restore/", "scripts/npm/")


def _checked(file):
    return not file.path.is_symlink() and file.is_utf8 and file.name not in DAMAGED


@rule("TEXT-1", "text", "不是 UTF-8", "用编辑器另存为 UTF-8；若内容已乱码，先运行 python -m scripts restore 文件")
def not_utf8(file):
    if not file.path.is_symlink() and not file.is_utf8:
        yield 1


@rule("TEXT-2", "text", "文件以 BOM 开头", "存成不带 BOM 的 UTF-8")
def byte_order_mark(file):
    if not file.path.is_symlink() and file.raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield 1


@rule("TEXT-3", "text", "换行不是 LF", "git config core.autocrlf input 后重新检出，或在编辑器里改成 LF")
def line_endings(file):
    if _checked(file) and "\r" in file.text:
        yield file.text.count("\n", 0, file.text.index("\r")) + 1


@rule("TEXT-4", "text", "含有控制字符", "删掉它；多半来自复制粘贴")
def control_characters(file):
    if not _checked(file):
        return
    for number, line in enumerate(file.lines, 1):
        match = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", line)
        if match:
            yield number, f"第 {match.start() + 1} 列 U+{ord(match[0]):04X}"


@rule("TEXT-5", "text", "含有看不见的字符", "删掉它；双向控制符会让代码显示得与实际不同")
def invisible_characters(file):
    if not _checked(file) or file.name.startswith(VERBATIM):
        return
    for number, line in enumerate(file.lines, 1):
        match = re.search(f"[{BIDI}{INVISIBLE}]", line)
        if match and "\\u" not in line:
            yield number, f"第 {match.start() + 1} 列 U+{ord(match[0]):04X}"


@rule("TEXT-7", "text", "有一行超过 5000 个字符", "分行；这样的行会让渲染卡住，也没人能审阅")
def long_lines(file):
    if not _checked(file) or not file.name.endswith((".md", ".ipynb", ".py")) or file.name.startswith("tests/"):
        return
    for number, line in enumerate(file.lines, 1):
        if len(line) > LINE_LIMIT:
            yield number, f"{len(line)} 个字符"


@rule("TEXT-8", "text", "留有合并冲突的标记", "解决冲突后再提交")
def conflict_markers(file):
    if not _checked(file):
        return
    for number, line in enumerate(file.lines, 1):
        if re.match(r"(<{7} |>{7} |={7}$)", line):
            yield number
