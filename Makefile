# 只是 `python -m scripts 命令` 的别名；没有 make 的系统直接用后者。
PYTHON ?= python3

.PHONY: serve test build check bench
serve test build check bench:
	@$(PYTHON) -m scripts $@
