"""Teach the word segmenter our terms: without them 低秩适配 is cut into 低/秩/适配 and not found."""
import jieba

from scripts import terminology


def on_config(config):
    """Material's search plugin segments with the same module-level jieba."""
    jieba.setLogLevel("WARNING")
    for term in terminology.chinese():
        jieba.add_word(term)
    return config
