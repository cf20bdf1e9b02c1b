/**
 * Formulas as HTML, drawn in the worker: the page itself never loads KaTeX. Styles come as data-s
 * and are set through the DOM, since a strict policy refuses style attributes in markup.
 */
import { katex, macros } from "./deps.js";

const OPTIONS = { strict: false, maxExpand: 300, maxSize: 20 };
/** Of what KaTeX must be trusted with, only our own places; what somebody typed gets nothing. */
const OURS = ({ command, attributes }) => command === "\\htmlData" && Object.keys(attributes ?? {}).every((name) => name === "data-at");

/** @returns {string|null} null when KaTeX refuses */
export function html(tex, { display = false, ours = false } = {}) {
  try {
    const made = katex.renderToString(String(tex), { ...OPTIONS, displayMode: display, throwOnError: true, trust: ours ? OURS : false, macros: { ...macros } });
    // KaTeX escapes quotes in text, so that every style= is its own
    return made.replace(/ style="/g, ' data-s="');
  } catch {
    return null;
  }
}

/** Signs that must keep their place in the grammar: limits hang on them, arguments follow them. */
const UNMARKED = /^\\(sum|prod|int|max|min|log|ln|exp|sin|cos|tanh|lim|arg|det|left|right|frac|sqrt|operatorname|text|mathrm|big|Big|bigg|Bigg)|[{}&#^_~%$]/;

/** The formula with every leaf under its place in the source, to be coloured when it matches. */
export function placed(tex, spans) {
  let out = "", at = 0;
  for (const [from, to] of spans) {
    const piece = tex.slice(from, to);
    if (from < at || !piece || UNMARKED.test(piece)) continue;
    out += `${tex.slice(at, from)}{\\htmlData{at=${from}}{${piece}}}`;
    at = to;
  }
  return out + tex.slice(at);
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
  const primes = (base.match(/′/g) ?? []).map(() => "'").join("");
  const bare = base.replace(/[′*]/g, "");
  const letter = LETTER[bare] ?? ([...bare].length > 1 ? `\\mathrm{${bare.replace(/[^\p{L}\p{N}]/gu, "")}}` : bare);
  return (accent ? `\\${accent.replace(/[^a-z]/g, "")}{${letter}}` : letter) + primes;
}

/** {"d_k": "…"} → rows, drawn. */
export function symbolRows(symbols) {
  return Object.entries(symbols).map(([tex, meaning]) => ({ sign: html(tex), tex, meaning: prose(meaning) }));
}
