"""A formula as one would type it in a message: √d_k, QKᵀ/√d_k, σ². For search text and titles, not for reading maths.

Written from the MathML that KaTeX makes of it, so that no sign and no brace of TeX is left over.
"""
import re
import unicodedata

from lxml import etree

from scripts.formulas import katex

MATH = re.compile(r"<math.*?</math>", re.S)
RAISED = {"⊤": "ᵀ", "T": "ᵀ", **dict(zip("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ"))}
ACCENT = {"^": "\u0302", "ˉ": "\u0304", "~": "\u0303", "˙": "\u0307", "⃗": "\u20d7"}
TYPED = str.maketrans("⋅∣∥∗−\u00a0", "·|‖*- ", "\u200b\u2062")


def plain(tex):
    """Readable one-line text of a formula; what KaTeX rejects stays as it is (TEX-1 names it where it is drawn)."""
    try:
        math = etree.fromstring(MATH.search(katex.render(tex).replace("&nbsp;", "\u00a0"))[0])
    except katex.TexError:
        return tex
    text = re.sub(r"\u2061(?=\w)", " ", _text(math)).replace("\u2061", "")  # KaTeX's sign between ln and what it is of
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def _text(node):
    """The text of one element of MathML."""
    name, parts = etree.QName(node).localname, [_text(child) for child in node if etree.QName(child).localname != "annotation"]
    match name:
        case "mfrac" if node.get("linethickness") == "0px":
            return " ".join(parts)
        case "mfrac":
            return f"{parts[0] if re.fullmatch('[^-+=,|]+', parts[0]) else _group(parts[0])}/{_group(parts[1])}"
        case "msqrt":
            return f"√{_group(''.join(parts))}"
        case "mroot":
            return f"{_group(parts[0])}^(1/{parts[1]})"
        case "munder" if parts[1] == "⏟":
            return parts[0]
        case "msub" | "munder":
            return parts[0] + _lowered(parts[1])
        case "msup":
            return parts[0] + _raised(parts[1])
        case "msubsup" | "munderover":
            return parts[0] + _lowered(parts[1]) + _raised(parts[2])
        case "mover":
            return parts[0] + ACCENT.get(parts[1], "") if len(parts[0]) == 1 else parts[0]
        case "mtd":
            return "".join(parts) + " "
        case "mspace":
            return " "
        case "mtext" if "\u2063" in (node.text or ""):  # KaTeX's negative space
            return ""
        case "mi" | "mn" | "mo" | "mtext":
            return (node.text or "").translate(TYPED)
        case _:  # what stands behind a fraction is not below its line
            after = [etree.QName(child).localname for child in node[1:]]
            return "".join(f"({part})" if etree.QName(child).localname == "mfrac" and next_ not in ("mo", "mspace", "mtext") else part
                           for part, child, next_ in zip(parts, node, [*after, "mo"]))


def _group(text):
    """In brackets where it has more than one part."""
    return text if re.fullmatch(r"√?\w[\u0300-\u036f\u20d7]*(_\w+)?|\d+|\([^()]*\)|\|[^|]*\|", text) else f"({text})"


def _lowered(text):
    """As an index: a word is one, too."""
    return f"_{text if text.isalnum() else _group(text)}"


def _raised(text):
    """As an exponent: small where there are small signs for all of it."""
    if text and all(c in RAISED for c in text):
        return "".join(map(RAISED.get, text))
    return text if text and set(text) <= {"′", "*"} else f"^{_group(text)}"
