"""Characters: what no file may contain, whoever wrote it and on whatever system."""
import re

from scripts.checks.registry import DAMAGED, rule

LINE_LIMIT = 5000
# What the notes really contain, and the damage that the restorer's tests are about.
VERBATIM = ("docs/source/notes-restored.txt", "tests/restore/")


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


def _damage(file, kinds):
    """Findings of the restorer's guard whose rule begins with one of `kinds`; BOM and CR have rules of their own."""
    if _checked(file) and not file.name.startswith(VERBATIM):
        for found in file.damage:
            if found.rule.startswith(kinds):
                repaired = f"，应为 {found.repaired}" if found.repaired else ""
                codes = " ".join(f"U+{ord(c):04X}" for c in found.found[:3])
                yield found.line, f"第 {found.column} 列 {codes}（{found.rule}{repaired}）"


@rule("TEXT-4", "text", "含有控制字符", "删掉它；多半来自复制粘贴")
def control_characters(file):
    yield from _damage(file, ("控制",))


@rule("TEXT-5", "text", "含有看不见或冒充别人的字符", "删掉它，或换成普通的汉字；双向控制符会让代码显示得与实际不同")
def invisible_characters(file):
    yield from _damage(file, ("双向", "看不见", "部首", "私用区"))


@rule("TEXT-6", "text", "含有乱码", "运行 python -m scripts restore 文件；有意展示乱码的行，行尾注明“允许乱码示例”")
def mojibake(file):
    yield from _damage(file, ("U+FFFD", "锟斤拷", "UTF-8", "GBK", "一串问号"))  # 允许乱码示例


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
