/**
 * TeX → layout, the only file that touches `katex.__parse` (not a stable interface:
 * KaTeX is pinned and tests/formula-search/parse.snapshot.json watches over what comes out).
 *
 * A layout is a list of
 *   {k:"sym", s, at}            one letter or sign, in the one spelling of symbols.js
 *   {k:"num", s, at}            a number
 *   {k:"word", s, at}           an upright word or a named operator, as written
 *   {k:"big", s, at}            sum, prod, int …
 *   {k:"frac", a, b} {k:"binom", a, b} {k:"sqrt", a, n} {k:"acc", s, a}
 *   {k:"fence", l, r, a}        \left … \right
 *   {k:"scr", base, sub, sup}   sub and sup: layouts or null
 *   {k:"grid", rows}            rows of cells
 *   {k:"gap"}                   \quad and wider: separates formulas
 * `at` = [start, end) in the source.
 */
import { katex, macros } from "./deps.js";
import { accentName, greek, greekName, operator, sameLetter } from "./symbols.js";

const BIG = new Set(["sum", "prod", "int", "iint", "oint", "coprod", "bigcup", "bigcap", "bigoplus", "bigotimes", "bigodot"]);
const bare = (text) => (text.length > 1 && text[0] === "\\" ? text.slice(1) : text);

/** The one spelling of a sign or letter. */
function canon(text) {
  if (text === "\\|") return "‖";
  const name = bare(text);
  if (text[0] === "\\" && greek.has(name)) return sameLetter(greek.get(name));
  if (greekName.has(name)) return sameLetter(greek.get(greekName.get(name)));
  if (operator.has(name)) return operator.get(name);
  return sameLetter(name);
}

/** All characters of a node, for upright words. */
function chars(node) {
  if (Array.isArray(node)) return node.map(chars).join("");
  if (!node) return "";
  if (node.text !== undefined) return node.text === "\\_" ? "_" : node.type === "spacing" ? " " : bare(node.text);
  return chars(node.body ?? node.base ?? []);
}

/** Where the leaves of a node stand in the source. */
function span(node) {
  let from = Infinity, to = -1;
  const visit = (part) => {
    if (!part || typeof part !== "object") return;
    if (Array.isArray(part)) return part.forEach(visit);
    if (part.loc) { from = Math.min(from, part.loc.start); to = Math.max(to, part.loc.end); }
    for (const key of ["body", "base", "sub", "sup", "numer", "denom"]) visit(part[key]);
  };
  visit(node);
  return to < 0 ? null : [from, to];
}

function walk(nodes, out) {
  for (const node of nodes ?? []) one(node, out);
  return out;
}

const list = (node) => (node ? walk(Array.isArray(node) ? node : [node], []) : []);

function word(node, out, text) {
  const clean = text.trim();
  if (!clean) return;
  const at = span(node);
  if (/^[\d.]+$/.test(clean)) out.push({ k: "num", s: clean, at });
  else if ([...clean].length === 1) out.push({ k: "sym", s: canon(clean), at });
  else for (const part of clean.split(/\s+/)) out.push({ k: "word", s: part, at });
}

function symbol(node, out) {
  const at = node.loc ? [node.loc.start, node.loc.end] : null;
  const last = out[out.length - 1];
  if (/^[0-9]$/.test(node.text) || (node.text === "." && last?.k === "num" && !last.s.includes("."))) {
    // Digits come one by one; only neighbours in the source are one number.
    if (last?.k === "num" && (!at || !last.at || last.at[1] === at[0])) {
      last.s += node.text;
      if (at) last.at = [last.at?.[0] ?? at[0], at[1]];
    } else out.push({ k: "num", s: node.text, at });
    return;
  }
  if (node.text === "½") { out.push({ k: "frac", a: [{ k: "num", s: "1", at }], b: [{ k: "num", s: "2", at }] }); return; }
  out.push({ k: "sym", s: canon(node.text), at });
}

function supsub(node, out) {
  if (!node.base) { out.push({ k: "scr", base: [], sub: node.sub ? list(node.sub) : null, sup: node.sup ? list(node.sup) : null }); return; }
  const base = list(node.base);
  // "0" of 10000^x: the script belongs to the whole number that stands before it.
  const last = out[out.length - 1];
  if (base.length === 1 && base[0].k === "num" && last?.k === "num" && last.at && base[0].at && last.at[1] === base[0].at[0]) {
    base[0].s = last.s + base[0].s;
    base[0].at = [last.at[0], base[0].at[1]];
    out.pop();
  }
  out.push({ k: "scr", base, sub: node.sub ? list(node.sub) : null, sup: node.sup ? list(node.sup) : null });
}

function one(node, out) {
  switch (node.type) {
    case "mathord": case "textord": case "atom":
      return symbol(node, out);
    case "supsub":
      return supsub(node, out);
    case "genfrac":
      out.push({ k: node.hasBarLine ? "frac" : "binom", a: list(node.numer), b: list(node.denom) });
      return;
    case "sqrt":
      out.push({ k: "sqrt", a: list(node.body), n: node.index ? list(node.index) : null });
      return;
    case "leftright":
      out.push({ k: "fence", l: node.left === "." ? "" : canon(node.left), r: node.right === "." ? "" : canon(node.right), a: list(node.body) });
      return;
    case "middle": case "delimsizing":
      if (node.delim !== ".") out.push({ k: "sym", s: canon(node.delim), at: node.loc ? [node.loc.start, node.loc.end] : null });
      return;
    case "op": {
      const name = bare(node.name ?? "");
      if (!name && node.body) { walk(node.body, out); return; }
      out.push({ k: BIG.has(name) ? "big" : "word", s: name, at: span(node) });
      return;
    }
    case "operatorname": case "text":
      word(node, out, chars(node.body));
      return;
    case "font": {
      const text = chars(node.body);
      const plain = ["mathrm", "textrm", "mathsf", "mathtt", "mathit", "mathbf", "boldsymbol"].includes(node.font);
      if (node.font === "mathbb" && text === "E") out.push({ k: "word", s: "E", at: span(node) });
      else if (node.font === "mathbb" && text === "1") out.push({ k: "word", s: "indicator", at: span(node) });
      else if (plain && node.font !== "boldsymbol" && /^[A-Za-z_\d-]{2,}$/.test(text) && !/^\d+$/.test(text) && simple(node.body)) word(node, out, text);
      else if (node.font === "mathcal" && /^[A-Za-z]{2,}$/.test(text)) word(node, out, text);
      else walk(Array.isArray(node.body) ? node.body : [node.body], out);
      return;
    }
    case "accent": case "accentUnder":
      out.push({ k: "acc", s: accentName(bare(node.label)), a: list(node.base) });
      return;
    case "overline":
      out.push({ k: "acc", s: "bar", a: list(node.body) });
      return;
    case "array":
      out.push({ k: "grid", rows: node.body.map((row) => row.map((cell) => list(cell))) });
      return;
    case "kern": case "spacing":
      if ((node.dimension?.unit === "em" && node.dimension.number >= 1)) out.push({ k: "gap" });
      return;
    case "htmlmathml":
      if (/not/.test(JSON.stringify(node.html))) { out.push({ k: "sym", s: "≠", at: node.loc ? [node.loc.start, node.loc.end] : null }); return; }
      walk(node.html, out);
      return;
    case "mathchoice":
      walk(node.text, out);
      return;
    case "horizBrace":
      walk([node.base], out);
      return;
    case "xArrow":
      out.push({ k: "sym", s: "→", at: null });
      return;
    case "phantom": case "hphantom": case "vphantom": case "rule": case "cr": case "includegraphics": case "verb":
      return;
    default:
      if (Array.isArray(node.body)) walk(node.body, out);
      else if (node.body) one(node.body, out);
      else if (node.base) one(node.base, out);
  }
}

/** Whether a font group holds letters only (a word), not a formula set in roman. */
function simple(body) {
  const nodes = Array.isArray(body) ? body : body.type === "ordgroup" ? body.body : [body];
  return nodes.every((node) => node.text !== undefined);
}

const OPTIONS = { strict: false, displayMode: true, throwOnError: true, maxExpand: 300, trust: false };

/**
 * @param {string} tex
 * @returns {object[]} layout
 * @throws {Error & {position?: number}} as KaTeX does, when it is not TeX
 */
export function parse(tex) {
  // A copy: \gdef in a pasted formula must not change what later formulas mean.
  return walk(katex.__parse(tex, { ...OPTIONS, macros: { ...macros } }), []);
}

/** Whether KaTeX knows a command. */
export function knowsCommand(name) {
  try {
    katex.__parse(`\\${name}`, { ...OPTIONS, macros: { ...macros } });
    return true;
  } catch (error) {
    return !/Undefined control sequence/.test(error.message);
  }
}
