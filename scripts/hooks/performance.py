"""The performance page shows the benchmarks' results as they were kept, so its figures are the measured ones."""
from mkdocs.exceptions import Abort

from scripts import bench_results

STEPS = {"cold": "冷启动：全部执行、全部生成", "nothing": "什么都没改", "text": "改一页的一句话", "code": "改一个笔记本的代码"}
KINDS = {"exact": "照原样", "respelled": "换写法", "renamed": "换字母", "unicode": "Unicode", "ascii": "键盘能打的写法", "half": "只写一半", "mixed": "名称加公式",
         "name-zh": "中文名称", "name-en": "英文名称", "pdf": "从 PDF 粘贴", "typo": "拼错", "algebra": "代数变形", "code": "PyTorch 代码", "concept": "用一句话提问"}


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- 部分 -->` by the table of that benchmark."""
    if page.file.src_uri != "performance.md":
        return markdown
    results = bench_results.read()
    for part, draw in (("execution", execution), ("peers", peers), ("scale", scale), ("formulas", formulas)):
        if part not in results:
            raise Abort(f"docs/data/performance.json:1: [PERF-1] 没有 {part} 的结果；改法：运行 python -m scripts bench {part}。")
        markdown = markdown.replace(f"<!-- {part} -->", f"{draw(results[part])}\n\n{_origin(results[part])}")
    return markdown


def execution(result):
    """How far the cold execution is from its limit."""
    return "\n".join(["| | 下限的倍数 |", "|---|---:|", f"| {result['notebooks']} 个笔记本全部执行 | {result['ratio']:.2f} |",
                      f"| 其中最长的一个，单独算 | {result['longest']:.2f} |"])


def peers(result):
    """Every time and memory is a multiple of our own in the same row."""
    ways = result["ways"]
    rows = [f"| {text} | " + " | ".join(f"{way['times'][step]:.2f}" for way in ways.values()) + " |" for step, text in STEPS.items()]
    rows.append("| 什么都没改时最大的进程，内存 | " + " | ".join(f"{way['memory']:.2f}" for way in ways.values()) + " |")
    rows.append("| 最重的一页 HTML，压缩后 kB | " + " | ".join(f"{way['page']:.1f}" for way in ways.values()) + " |")
    return "\n".join([f"| 本项目 = 1 | {' | '.join(ways)} |", f"|---|{'---:|' * len(ways)}", *rows, "",
                      f"改一个笔记本的代码：那个笔记本自己的 CPU 时间是 {result['own']:.2f}，四种做法都省不掉。"])


def scale(result):
    """Time and memory for each page, as multiples of the smallest site's."""
    rows = [f"| {row['pages']} | {row['time']:.2f} | {row['memory']:.2f} |" for row in result["rows"]]
    return "\n".join(["| 页数 | 每页的时间 | 每页的内存 |", "|---:|---:|---:|", *rows])


def formulas(result):
    """What searches find, of the same formulas and queries."""
    rows = [f"| {row['name']} | {row['mrr']:.3f} | {row['p1']:.3f} | {row['ndcg5']:.3f} | {row['hard']:.3f} | {row['empty']:.0%} |" for row in result["rows"]]
    kinds = [f"| {text} | " + " | ".join(f"{row['kinds'][kind]:.2f}" for row in result["rows"]) + " |" for kind, text in KINDS.items()]
    return "\n".join([f"| {result['formulas']} 条公式，{result['queries']} 个查询 | MRR | P@1 | nDCG@5 | 难的几类 P@1 | 没有答案 |",
                      "|---|---:|---:|---:|---:|---:|", *rows, "",
                      f"| 各类的 P@1 | {' | '.join(row['name'] for row in result['rows'])} |", f"|---|{'---:|' * len(result['rows'])}", *kinds])


def _origin(result):
    machine = result["machine"]
    return f"{result['date']}，{machine['system']}，{machine['cores']} 核，Python {machine['python']}。"
