"""The navigation, derived from the folders: topics by their `order`, concepts so that prerequisites come first."""
from scripts import concepts

# Pages that stand on their own, in this order, after the topics.
SINGLE = [("公式", "formulas.md"), ("自测", "self-test.md"), ("勘误", "errata.md")]
REFERENCE = [("符号表", "notation.md"), ("术语表", "terminology.md"), ("离线版", "offline.md"), ("性能", "performance.md"), ("参与贡献", "contributing.md")]

MANY = 200  # concepts


def on_config(config):
    """Set config.nav from the files on disk."""
    docs = concepts.DOCS
    nav = [{"首页": "index.md"}]
    for topic, members in concepts.by_topic().items():
        nav.append({concepts.topic(topic).get("title", topic): [f"{topic}/index.md", *(f"{c}.md" for c in members)]})
    nav += [{title: path} for title, path in SINGLE if (docs / path).exists()]
    nav.append({"参考": [{title: path} for title, path in REFERENCE if (docs / path).exists()]})
    nav.append({"原始笔记": ["source/index.md", {"还原并整理后的全文": "source/notes.md"}]})
    config.nav = nav
    # Each page carries the whole navigation; beyond this it would outgrow the page, and so would the time to draw it.
    if len(concepts.pages()) > MANY:
        config.theme["features"].append("navigation.prune")
    return config
