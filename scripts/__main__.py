"""`python -m scripts COMMAND`: the one entry that make, CI and Windows users share.

Only the standard library is imported before the environment stands, so this
runs on a machine that has nothing but Python.
"""
import importlib
import sys

from scripts import environment

# command: (module, function, what must be installed first, one line of help)
COMMANDS = {
    "serve": ("scripts.serve", "main", environment.for_site, "本地预览：127.0.0.1:8000，改动即刷新"),
    "build": ("scripts.build", "main", environment.for_site, "完整站点，写入 site/"),
    "execute": ("scripts.notebooks.command", "main", environment.for_site, "执行笔记本；可给出若干 主题/概念"),
    "check": ("scripts.checks.command", "main", environment.for_site, "不用执行笔记本的检查；可给出若干路径"),
    "test": ("scripts.test", "main", environment.for_tests, "检查、全部笔记本、构建、测试"),
    "bench": ("scripts.bench", "main", environment.for_tests, "基准：复原、公式搜索、执行、规模、同类工具、页面；也可以只点名几个"),
    "restore": ("scripts.restore.command", "main", environment.for_site, "还原一个被转码损坏的文件"),
    "clean": ("scripts.restore.command", "clean_main", environment.for_site, "还原并整理成 Markdown"),
    "report": ("scripts.report", "main", environment.for_site, "与上一个提交（PR 里是 main）对比改动的笔记本，写入 .cache/report/"),
    "lock": ("scripts.lock", "main", environment.for_site, "由 requirements.in 重写 requirements.txt"),
}


def main(argv):
    """Run one command inside the project's own environment; return its exit code."""
    for stream in (sys.stdout, sys.stderr):  # a pipe's own encoding may lack the characters of our messages
        stream.reconfigure(encoding="utf-8")
    name = argv[0] if argv else ""
    if name not in COMMANDS:
        print("用法：python -m scripts 命令 [参数]\n", file=sys.stderr)
        for command, (_, _, _, text) in COMMANDS.items():
            print(f"  {command:8} {text}", file=sys.stderr)
        return 2
    module, function, install, _ = COMMANDS[name]
    try:
        install()
        # Returns only inside .venv: elsewhere the process is replaced by .venv's Python.
        environment.enter([name, *argv[1:]])
        return getattr(importlib.import_module(module), function)(argv[1:])
    except environment.SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
