"""Each page gets its links (notebook, Colab, download, edit, report), computed from path and repository."""
from scripts import concepts, repository

_after = {}  # concept: concepts that need it, in order of their names


def on_pre_build(config):
    """Turn the prerequisites round, once for all pages."""
    _after.clear()
    for concept in concepts.pages():
        for needed in concepts.front_matter(concepts.DOCS / f"{concept}.md").get("prerequisites") or ():
            _after.setdefault(needed, []).append(concept)


def on_page_context(context, page, config, nav):
    """`links`, `before` and `after` for scripts/theme/partials."""
    source, name = page.file.src_uri, repository.name(config.extra["repository"])
    if source.endswith(".ipynb"):
        concept = source.removeprefix("notebooks/").removesuffix(".ipynb")
        context["links"] = repository.links(name, source, concept, page.title)
        context["links"] |= {"page": f"{concept}/", "download": f"assets/notebooks/{concept}.ipynb"}
        return context
    concept = source.removesuffix(".md") if concepts.is_concept(source) else None
    context["links"] = repository.links(name, f"docs/{source}", concept, page.title)
    if concept:
        context["links"] |= {"notebook": f"notebooks/{concept}/", "download": f"assets/notebooks/{concept}.ipynb"}
        context["before"] = [_link(c) for c in page.meta.get("prerequisites") or ()]
        context["after"] = [_link(c) for c in _after.get(concept, ())]
    return context


def _link(concept):
    return {"url": f"{concept}/", "title": concepts.front_matter(concepts.DOCS / f"{concept}.md")["title"]}
