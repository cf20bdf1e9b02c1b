/** What of a formula goes into the index: strings, the same for index and query. */
import { collapse, expand, small } from "./normal.js";
import { key, size } from "./tree.js";
import { digits, value } from "./value.js";
import { plain, sameLetter } from "./symbols.js";

const COMMUTATIVE = new Set(["add", "mul", "max", "min", "list", "set"]);

/** The key of a tree with its variables numbered in order of appearance: the same for a renamed one. */
export function shape(n) {
  const order = new Map();
  const write = (m) => {
    if (m.op === "num") return m.name;
    if (m.op === "v") {
      if (!order.has(m.name)) order.set(m.name, order.size);
      return `x${order.get(m.name)}`;
    }
    const args = COMMUTATIVE.has(m.op) ? [...m.args].sort((a, b) => (typed(a) < typed(b) ? -1 : 1)) : m.args;
    return `${m.op}(${args.map(write).join()})`;
  };
  return write(n);
}

/** The key of a tree with every variable the same. */
export function typed(n) {
  if (n.t !== undefined) return n.t;
  if (n.op === "num") return (n.t = n.name);
  if (n.op === "v") return (n.t = "x");
  const parts = n.args.map(typed);
  return (n.t = `${n.op}(${(COMMUTATIVE.has(n.op) ? parts.sort() : parts).join()})`);
}

const head = (n) => (n.op === "v" ? plain(n.name) : n.op === "num" ? n.name : n.op === "sub" ? plain(n.args[0].name ?? "") + "_" : n.op);
const typedHead = (n) => (n.op === "v" || n.op === "sub" ? "x" : n.op === "num" ? n.name : n.op);

const MAX_FEATURES = 700;

/** Shapes of the sub-trees of a coarser view, and pairs in its sums and products. */
function coarse(root, mark, out, put) {
  const visit = (n) => {
    if (!n.args.length) return;
    if (n.op !== "list" && size(n) <= 60) {
      put(`${mark} ${shape(n)}`, 0.9);
      put(`${mark}t ${typed(n)}`, 0.4);
      if ((n.op === "add" || n.op === "mul") && n.args.length > 2 && n.args.length <= 6) {
        for (let i = 0; i < n.args.length; i++) for (let j = i + 1; j < n.args.length; j++) put(`${mark} ${shape({ op: n.op, args: [n.args[i], n.args[j]] })}`, 0.6);
      }
    }
    n.args.forEach(visit);
  };
  visit(root);
}

/** @returns {Map<string, number>} feature → weight of its class */
export function treeFeatures(root) {
  const out = new Map();
  const put = (name, weight) => { if (out.size < MAX_FEATURES) out.set(name, weight); };
  const visit = (n, path) => {
    if (n.op === "v" || n.op === "num") {
      const name = n.op === "num" ? n.name : plain(n.name);
      put(`s ${name}`, 0.6);
      if (n.up) put(`^ ${name}`, 0.5);
      if (name !== n.name) put(`S ${n.name}`, 0.4);
      let literal = `p ${name}`, blind = n.op === "num" ? `q ${name}` : "q x";
      for (let up = path.length - 1, steps = 0; up >= 0 && steps < 3; up--, steps++) {
        literal += `<${path[up]}`;
        blind += `<${path[up]}`;
        put(literal, 0.8);
        if (steps) put(blind, 0.7);
      }
    } else {
      if (n.op !== "add" && n.op !== "mul" && n.op !== "sub" && n.op !== "list") put(`o ${n.op}`, 0.7);
      const total = size(n);
      if (total <= 120 && n.op !== "list") {
        put(`v ${digits(value(n))}`, n.op === "sub" ? 0.8 : 1.2);
        if (total >= 3) { put(`h ${shape(n)}`, 1); put(`t ${typed(n)}`, 0.6); }
      }
      if (n.args.length > 1 && n.args.length <= 8 && n.op !== "sub") {
        for (let i = 0; i < n.args.length; i++) {
          for (let j = i + 1; j < n.args.length; j++) {
            const [a, b] = COMMUTATIVE.has(n.op) ? [head(n.args[i]), head(n.args[j])].sort() : [head(n.args[i]), head(n.args[j])];
            const [c, d] = COMMUTATIVE.has(n.op) ? [typedHead(n.args[i]), typedHead(n.args[j])].sort() : [typedHead(n.args[i]), typedHead(n.args[j])];
            put(`c ${n.op} ${a} ${b}`, 0.8);
            if (c !== "x" || d !== "x") put(`C ${n.op} ${c} ${d}`, 0.5);
            if (n.args.length > 2 && (n.op === "add" || n.op === "mul")) {
              const [x, y] = [value(n.args[i]), value(n.args[j])];
              put(`v ${digits(n.op === "add" ? x + y : x * y)}`, 0.8);
            }
          }
        }
      }
    }
    const next = [...path, n.op];
    n.args.forEach((a) => visit(a, next));
  };
  visit(root, []);
  coarse(collapse(root), "k", out, put);
  if (small(root)) coarse(collapse(expand(root)), "x", out, put);
  return out;
}

const flatWord = (word) => {
  const text = word.replace(/[_\s-]/g, "");
  return text === "ln" || text === "lg" ? "log" : text === "exp" ? "e" : text.length > 1 ? text.toLowerCase() : text;
};

/**
 * The layout written flat, one character a symbol, without scripts, fences and fractions:
 * what a formula becomes when it is copied out of a PDF, and the same for every spelling.
 */
export function flat(layout, supFirst = false) {
  let out = "";
  const visit = (items) => {
    for (const item of items) {
      switch (item.k) {
        case "sym":
          if (!/[()[\]{}·/⟨⟩⌊⌋⌈⌉&.…]|^Box$/.test(item.s)) out += item.s === "⊤" ? "T" : item.s;
          break;
        case "num": out += item.s; break;
        case "word": out += flatWord(item.s); break;
        case "big": out += item.s === "sum" ? "Σ" : item.s === "prod" ? "Π" : "∫"; break;
        case "sqrt": out += "√"; visit(item.a); break;
        case "frac": case "binom": visit(item.a); visit(item.b); break;
        case "acc": visit(item.a); break;
        case "fence":
          if (/[|‖]/.test(item.l)) out += item.l;
          visit(item.a);
          if (/[|‖]/.test(item.r)) out += item.r;
          break;
        case "scr": {
          visit(item.base);
          // a PDF may give the upper script before the lower one
          for (const part of supFirst ? [item.sup, item.sub] : [item.sub, item.sup]) if (part) visit(part);
          break;
        }
        case "grid": item.rows.forEach((row) => row.forEach(visit)); break;
      }
    }
  };
  visit(layout);
  return out.length > 600 ? out.slice(0, 600) : out;
}

/** Characters that say little in a flat string. */
const fold = (text) => [...text.replace(/\s+/g, "")].map(sameLetter).join("");

/** Two-, three- and four-character pieces. @returns {Map<string, number>} */
export function grams(text) {
  const out = new Map();
  const chars = [...fold(text)];
  for (const [n, weight] of [[2, 0.5], [3, 1], [4, 1]]) {
    for (let i = 0; i + n <= chars.length && i < 400; i++) out.set(`${n}${chars.slice(i, i + n).join("")}`, weight);
  }
  if (chars.length === 1) out.set(`1${chars[0]}`, 1);
  return out;
}
