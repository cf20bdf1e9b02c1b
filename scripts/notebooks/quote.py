"""Numbers in prose: `{{ path.to.result:.3f }}` becomes the value of the latest run."""
import re

QUOTE = re.compile(r"\{\{\s*([\w.-]+)(?::([^}\s]*))?\s*\}\}")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TYPED = re.compile(r"(?<![\w.{:/-])(\d+\.\d{2,})(?![\w.%])")


def value(results, path):
    """Look up a dotted path in nested dicts and lists. Raises KeyError."""
    for part in path.split("."):
        try:
            results = results[int(part)] if isinstance(results, list) else results[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise KeyError(path) from None
    return results


def show(number, spec):
    """Format like Python, but write powers of ten and minus signs as people do: 5.5e-04 -> 5.5 × 10⁻⁴."""
    text = format(number, spec or "")
    power = re.fullmatch(r"(-?[\d.]+)e([+-]\d+)", text)
    if power:
        if float(text) == 0:
            return "0"
        return f"{power[1]} × 10{str(int(power[2])).translate(SUPERSCRIPT)}".replace("-", "−")
    return text.replace("-", "−") if isinstance(number, (int, float)) else text


def fill(markdown, record, path):
    """Replace all quotes of a page.

    Returns (text, errors); an error names the file, the line and the fix.
    """
    errors, whole = [], path.read_text(encoding="utf-8")

    def line_of(text):
        return whole[:whole.find(text)].count("\n") + 1

    def replace(match):
        where = f"{_short(path)}:{line_of(match[0])}"
        if record["results"] is None:
            errors.append(f"{where}: [NUM-1] 笔记本没有 results 单元；改法：加一个 `#| label: results` 的单元。")
            return match[0]
        try:
            return show(value(record["results"], match[1]), match[2])
        except KeyError:
            errors.append(f"{where}: [NUM-2] 结果里没有 {match[1]}；改法：对照 results 单元改名，最外层有 {'、'.join(record['results'])}。")
        except (ValueError, TypeError):
            errors.append(f"{where}: [NUM-3] 格式 {match[2]} 不适用于 {match[1]}；改法：数字用 .3f、.0%、, 等，不是数字就去掉格式。")
        return match[0]

    return QUOTE.sub(replace, markdown), errors


def typed_by_hand(text, record, path):
    """Decimals in prose that equal a result of the run: they would go stale silently. Chinese error lines."""
    from scripts.formulas.markdown import prose

    numbers = list(_numbers(record["results"] or {}))
    errors = []
    for line, content in prose(text):
        bare = QUOTE.sub("", re.sub(r"\$[^$]*\$|\]\([^)]*\)|\[arXiv:[^\]]*\]|arXiv:[\d.]+", "", content))
        for match in TYPED.finditer(bare):
            # Shorter numbers (0.9, 0.01) stand in text for their own reasons.
            if len(match[1].replace(".", "").lstrip("0")) < 3:
                continue
            decimals = len(match[1].split(".")[1])
            same = next((name for name, n in numbers if f"{n:.{decimals}f}" == match[1]), None)
            if same:
                errors.append(f"{_short(path)}:{line}: [NUM-4] 手写的 {match[1]} 就是运行结果 {same}；"
                              f"改法：写成 {{{{ {same}:.{decimals}f }}}}。")
    return errors


def _numbers(results, prefix=""):
    items = results.items() if isinstance(results, dict) else enumerate(results)
    for key, item in items:
        name = f"{prefix}{key}"
        if isinstance(item, (dict, list)):
            yield from _numbers(item, f"{name}.")
        elif isinstance(item, float):
            yield name, item


def _short(path):
    from scripts.environment import ROOT
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()
