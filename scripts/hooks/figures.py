"""Figures and numbers of a concept page come from the run of its notebook, by label."""
import html
import re

from mkdocs.exceptions import Abort
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from scripts import concepts, repository
from scripts.formulas.markdown import INLINE
from scripts.notebooks import ahead, cache, quote
from scripts.notebooks.images import images

FIGURE = re.compile(r'^(?P<indent>[ ]*)!\[(?P<alt>[^\]]*)\]\(notebook:(?P<label>[\w-]+)(?:\s+"(?P<caption>[^"]*)")?\)[ ]*$', re.M)


def on_files(files, config):
    """Publish every figure of every run, light and dark."""
    for path in cache.all_notebooks():
        _publish(path, files, config)
    return files


def on_env(env, config, files):
    """The figures of the runs that this build waited for."""
    for path in ahead.begun:
        _publish(path, files, config)
    return env


def _publish(path, files, config):
    folder, concept = cache.run_folder(path), cache.concept_of(path)
    for svg in sorted(folder.glob("*.svg")):
        name = f"assets/figures/{concept}/{svg.name}"
        if not files.get_file_from_path(name):
            files.append(File.generated(config, name, abs_src_path=str(svg)))


def on_page_markdown(markdown, page, config, files):
    """Put results and figures into a concept page."""
    source = page.file.src_uri
    if not concepts.is_concept(source):
        return markdown
    concept = source.removesuffix(".md")
    record = cache.load(cache.NOTEBOOKS / f"{concept}.ipynb")
    if record is None:
        raise Abort(f"docs/{source}:1: [PAIR-1] 没有与它同路径的笔记本运行结果；改法：添加 notebooks/{concept}.ipynb。")
    text, errors = quote.fill(markdown, record, concepts.DOCS / source)
    if errors:
        raise Abort("\n".join(errors))

    def figure(match):
        label = match["label"]
        if label not in record["figures"]:
            raise Abort(f"docs/{source}:{_line(source, match[0])}: [FIG-1] 笔记本里没有 {label} 这张图；"
                        f"改法：用这些标签之一：{'、'.join(k for k in record['figures'] if k.startswith('fig-'))}。")
        return match["indent"] + picture(concept, label, record["figures"][label], match["alt"], match["caption"] or "",
                                         page.url, proof(concept, record))

    return FIGURE.sub(figure, text)


def picture(concept, label, figure, alt, caption, page_url, proof_line):
    """One figure as HTML on a single line, which Markdown leaves alone; so formulas in the caption are marked up here."""
    caption = INLINE.sub(lambda m: rf'<span class="arithmatex">\({html.escape(m[1])}\)</span>', caption)
    shown = images(get_relative_url(f"assets/figures/{concept}/", page_url), label, figure, alt)
    return (f'<figure class="run" id="{label}">{shown}<figcaption>{caption} '
            f'<span class="proof" data-search-exclude>{proof_line}</span></figcaption></figure>')


def proof(concept, record):
    """The line below a figure that says where it came from."""
    commit = repository.commit(f"notebooks/{concept}.ipynb")
    return f'由笔记本运行得出 · 提交 {commit} · torch {record["torch"]}'


def _line(source, text):
    whole = (concepts.DOCS / source).read_text(encoding="utf-8")
    return whole[:whole.index(text.strip())].count("\n") + 1
