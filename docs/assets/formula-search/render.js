/**
 * Formulas as MathML, drawn in the worker: the page itself never loads KaTeX, and a card has a tenth
 * of the elements that KaTeX's own drawing would give it, which on a phone decides how soon it is seen.
 */
import { katex, macros } from "./deps.js";

const OPTIONS = { output: "mathml", trust: false, throwOnError: true, strict: false, maxExpand: 300, maxSize: 20 };

/** Elements around what needs none: each costs a phone its style and its place. */
const AROUND = /^<span[^>]*>|<annotation[^]*?<\/annotation>|<\/?semantics>|<\/span>$/g;

/** @returns {string|null} null when KaTeX refuses */
export function html(tex, display = false) {
  try {
    const made = katex.renderToString(String(tex), { ...OPTIONS, displayMode: display, macros: { ...macros } });
    return made.replace(AROUND, "").replace(/^(<math[^>]*>)<mrow>([^]*)<\/mrow><\/math>$/, "$1$2</math>");
  } catch {
    return null;
  }
}

/** Signs that must keep their place in the grammar: limits hang on them, arguments follow them. */
const UNMARKED = /^\\(sum|prod|int|max|min|log|ln|exp|sin|cos|tanh|lim|arg|det|left|right|frac|sqrt|operatorname|text|mathrm|big|Big|bigg|Bigg)|[{}&#^_~%$]/;

/**
 * The formula with every leaf under its place in the source (data-at), to be coloured when it matches.
 * A colour is the one mark that KaTeX takes over into MathML; here it carries the place.
 * @param {[number, number][]} spans
 */
export function placed(tex, spans) {
  let out = "", at = 0;
  for (const [from, to] of spans) {
    const piece = tex.slice(from, to);
    if (from < at || !piece || UNMARKED.test(piece)) continue;
    out += `${tex.slice(at, from)}{\\textcolor{#${from.toString(16).padStart(6, "0")}}{${piece}}}`;
    at = to;
  }
  const drawn = html(out + tex.slice(at), true) ?? html(tex, true);
  return drawn?.replace(/mathcolor="#([0-9a-f]{6})"/g, (_, place) => `data-at="${parseInt(place, 16)}"`)
    .replace(/<mstyle( data-at="\d+")><(m[inot]|mtext)([^>]*)>([^<]*)<\/\2><\/mstyle>/g, "<$2$1$3>$4</$2>"); // one leaf carries the mark itself
}

/** Text with $…$ → parts {text} and {html}. */
export function prose(text) {
  return String(text ?? "").split(/\$([^$]+)\$/).map((part, i) => {
    const drawn = i % 2 ? html(part) : null;
    return drawn ? { html: drawn } : { text: part };
  }).filter((part) => part.html || part.text);
}

const LETTER = { "ε": "\\epsilon", "φ": "\\phi" };
/** The name of a variable in the tree as TeX: y^hat → \hat{y}. */
export function nameTex(name) {
  const [base, accent] = name.split("^");
  const primes = (base.match(/′/g) ?? []).map(() => "'").join("") + (base.includes("*") ? "^{*}" : "");
  const bare = base.replace(/[′*]/g, "");
  const letter = LETTER[bare] ?? ([...bare].length > 1 ? `\\mathrm{${bare.replace(/[^\p{L}\p{N}]/gu, "")}}` : bare);
  return (accent ? `\\${accent.replace(/[^a-z]/g, "")}{${letter}}` : letter) + primes;
}

/** {"d_k": "…"} → rows, drawn. */
export function symbolRows(symbols) {
  return Object.entries(symbols).map(([tex, meaning]) => ({ sign: html(tex), tex, meaning: prose(meaning) }));
}
