"""A figure of a run as two images: the theme shows the one that fits the page's colours; docs/assets/enlarge.js shows it large."""
import html


def images(prefix, name, figure, alt):
    """HTML of the light and the dark image in a link to the light one, which is what a reader without scripts sees.

    Args:
        prefix: what stands before the file's name in the address.
        figure: its entry in the run's record, with width and height in CSS pixels.
    """
    shown = "".join(
        f'<img src="{prefix}{name}{suffix}.svg#only-{scheme}" alt="{html.escape(alt)}" width="{figure["width"]}" '
        f'height="{figure["height"]}" loading="lazy" decoding="async">' for scheme, suffix in (("light", ""), ("dark", ".dark")))
    return f'<a class="enlarge" href="{prefix}{name}.svg" title="放大">{shown}</a>'
