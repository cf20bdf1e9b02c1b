"""A figure of a run as two images: the theme shows the one that fits the page's colours."""
import html


def images(prefix, name, figure, alt):
    """HTML of the light and the dark image.

    Args:
        prefix: what stands before the file's name in the address.
        figure: its entry in the run's record, with width and height in CSS pixels.
    """
    return "".join(
        f'<img src="{prefix}{name}{suffix}.svg#only-{scheme}" alt="{html.escape(alt)}" width="{figure["width"]}" '
        f'height="{figure["height"]}" loading="lazy" decoding="async">' for scheme, suffix in (("light", ""), ("dark", ".dark")))
