"""TeX as one would type it in a message: √d_k, q·k, σ². For search text and previews, not for reading maths."""
import re

WORDS = {
    "cdot": "·", "times": "×", "approx": "≈", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "in": "∈", "sum": "Σ", "prod": "∏", "to": "→", "infty": "∞", "propto": "∝", "partial": "∂", "nabla": "∇", "pm": "±",
    "top": "ᵀ", "ldots": "…", "cdots": "…", "dots": "…", "quad": " ", "qquad": " ", "sim": "~", "odot": "⊙", "mid": "|",
    "lVert": "‖", "rVert": "‖", "Vert": "‖", "langle": "⟨", "rangle": "⟩", "top ": "ᵀ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω", "Delta": "Δ",
    "Sigma": "Σ", "Phi": "Φ", "Omega": "Ω", "Theta": "Θ", "Lambda": "Λ", "Pi": "Π",
}


def plain(tex):
    """Readable one-line text of a formula."""
    text = re.sub(r"\\(?:left|right|big|Big|bigl|bigr|Bigl|Bigr|displaystyle|,|;|!|:)(?![a-zA-Z])", "", tex)
    text = re.sub(r"\\(?:math\w+|text\w*|operatorname\*?|boldsymbol|hat|tilde|bar)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"√\1", text)
    text = re.sub(r"\\([a-zA-Z]+) ?", lambda m: WORDS.get(m[1], m[1]), text)
    text = text.replace("^ᵀ", "ᵀ").replace("^{ᵀ}", "ᵀ")
    return re.sub(r"\s+", " ", re.sub(r"[{}\\]", "", text)).strip()
