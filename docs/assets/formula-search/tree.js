/**
 * Layout → operator tree in normal form.
 *
 * Node: {op, args, name?, at?, bound?}
 *   v     a variable (name, with accents: "y^hat"); num a number; sub a variable with indices (args[0] is the variable)
 *   add, mul (any number of args, order without meaning), neg, inv, pow, sqrt, exp, log, sum, prod, mean, T (transpose)
 *   rel:=  rel:≤ …, list, given, par (‖ between two), call (args[0] is the function), any function by its name
 * a/b is mul(a, inv(b)); \frac1n\sum^n and 𝔼 are mean; e^x is exp(x).
 */
import { fnName, isFunction, isIndexRun, isWord, LETTER_FUNCTIONS, PREFIX, segment } from "./words.js";

const OPEN = { "(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "⟨": "⟩" };
const CLOSE = new Set(Object.values(OPEN));
const RELATION = new Set([..."=≤≥<>≪≫≠≈~∝→⇒←⇐≻≺∈∉⊂⊆:⇔"]);
const EQUAL = new Set([..."=≈←:"]);
const LETTER = /^[A-Za-z]$/;
const MAX_DEPTH = 60;

const node = (op, args, extra) => ({ op, args, ...extra });
export const leaf = (name, at) => node("v", [], { name, at });
const number = (text, at) => {
  const value = Number(text);
  if (value === 0.5) return node("inv", [node("num", [], { name: "2", at })]);
  return node("num", [], { name: Number.isFinite(value) ? String(value) : text, at });
};
const isOne = (n) => n.op === "num" && n.name === "1";

/** A readable key, the same for trees that differ in the order of terms or factors only. */
export function key(n) {
  if (n.k !== undefined) return n.k;
  let parts = n.args.map(key);
  if (n.op === "add" || n.op === "mul") parts = parts.sort();
  const head = n.op === "v" || n.op === "num" ? n.name : n.op;
  return (n.k = parts.length ? `${head}(${parts.join(",")})` : head);
}

// ---------- normal forms

function neg(a) {
  if (a.op === "neg") return a.args[0];
  return node("neg", [a]);
}

function add(terms) {
  const flat = [];
  for (const t of terms) {
    if (t.op === "add") flat.push(...t.args);
    else if (t.op === "neg" && t.args[0].op === "add") flat.push(...t.args[0].args.map(neg));
    else flat.push(t);
  }
  return flat.length === 1 ? flat[0] : node("add", flat);
}

function inv(a) {
  if (a.op === "inv") return a.args[0];
  if (a.op === "mul") return mul(a.args.map(inv));
  if (a.op === "neg") return neg(inv(a.args[0]));
  return node("inv", [a]);
}

function mul(factors) {
  let flat = [], sign = false;
  for (let f of factors) {
    if (f.op === "neg") { sign = !sign; f = f.args[0]; }
    if (f.op === "mul") flat.push(...f.args);
    else flat.push(f);
  }
  if (flat.length > 1) flat = flat.filter((f) => !isOne(f));
  flat = meanOf(flat);
  const out = flat.length === 0 ? number("1") : flat.length === 1 ? flat[0] : node("mul", flat);
  return sign ? neg(out) : out;
}

/** 1/n · Σ with n terms is a mean. */
function meanOf(factors) {
  const s = factors.findIndex((f) => f.op === "sum");
  if (s < 0) return factors;
  const upper = factors[s].upper;
  const d = factors.findIndex((f) => f.op === "inv" && (upper ? key(f.args[0]) === upper : f.args[0].op === "v" && /^[nNdTmMKGBD]$/.test(f.args[0].name)));
  if (d < 0) return factors;
  return factors.flatMap((f, i) => (i === d ? [] : i === s ? [node("mean", f.args, { bound: f.bound })] : [f]));
}

function pow(base, exponent) {
  if (exponent.op === "neg") return inv(pow(base, exponent.args[0]));
  if (isOne(exponent)) return base;
  if (exponent.op === "inv" && exponent.args[0].name === "2") return node("sqrt", [base]);
  if (base.op === "v" && base.name === "e") return node("exp", [exponent]);
  if (base.op === "inv") return inv(pow(base.args[0], exponent));
  return node("pow", [base, exponent]);
}

// ---------- words and parentheses in a layout

const single = (item) => (item?.k === "sym" && LETTER.test(item.s) ? item : null);
const scrLetter = (item) => (item?.k === "scr" && item.base.length === 1 ? single(item.base[0]) : null);
const near = (a, b) => !a.at || !b.at || a.at[1] === b.at[0];

/** Merges letters that make a word: s,t,e,p → step; also where the last carries a script. */
function mergeWords(items, learned, inScript) {
  const out = [];
  for (let i = 0; i < items.length; i++) {
    if (!single(items[i])) { out.push(items[i]); continue; }
    const run = [];
    let j = i;
    for (; j < items.length && run.length < 40; j++) {
      const letter = single(items[j]) ?? scrLetter(items[j]);
      if (!letter || (run.length && !near(run[run.length - 1], letter))) break;
      run.push(letter);
      if (!single(items[j])) { j++; break; }
    }
    const text = run.map((r) => r.s).join("");
    let parts = run.length > 1 ? segment(text, learned) : [text];
    if (inScript && run.length > 1 && items.length === j - i && parts.length > 1) {
      parts = isIndexRun(text) || (text.length === 2 && !isWord(text, learned)) ? [...text] : text.length >= 3 && !/[A-Z].*[a-z]|[a-z].*[A-Z]/.test(text) ? [text] : parts;
    }
    let at = 0;
    for (const part of parts) {
      const letters = run.slice(at, at + part.length);
      at += part.length;
      const source = items[i + at - 1];
      const made = part.length === 1 ? letters[0]
        : { k: "word", s: part, at: letters[0].at && letters[letters.length - 1].at ? [letters[0].at[0], letters[letters.length - 1].at[1]] : null };
      out.push(source.k === "scr" ? { ...source, base: [made] } : made);
    }
    i = j - 1;
  }
  return out;
}

const closer = (item) => {
  if (item.k === "sym" && CLOSE.has(item.s)) return item.s;
  if (item.k === "scr" && item.base.length === 1 && item.base[0].k === "sym" && CLOSE.has(item.base[0].s)) return item.base[0].s;
  return null;
};
const isBar = (item, s) => (item.k === "sym" && item.s === s) || (item.k === "scr" && item.base.length === 1 && item.base[0].k === "sym" && item.base[0].s === s);

/** Plain parentheses → fence items; what is open to the end (half typed) closes there. */
function group(items) {
  const stack = [{ a: [] }];
  for (const item of items) {
    const top = stack[stack.length - 1];
    if (item.k === "sym" && OPEN[item.s]) stack.push({ l: item.s, a: [] });
    else if (closer(item)) {
      if (stack.length === 1) continue;
      stack.pop();
      const fence = { k: "fence", l: top.l, r: closer(item), a: top.a };
      stack[stack.length - 1].a.push(item.k === "scr" ? { ...item, base: [fence] } : fence);
    } else top.a.push(item);
  }
  while (stack.length > 1) {
    const open = stack.pop();
    stack[stack.length - 1].a.push({ k: "fence", l: open.l, r: OPEN[open.l], a: open.a });
  }
  return bars(bars(stack[0].a, "|"), "‖");
}

function bars(items, s) {
  const places = items.flatMap((item, i) => (isBar(item, s) ? [i] : []));
  if (places.length < 2) return items;
  const out = [];
  let from = 0;
  for (let p = 0; p + 1 < places.length; p += 2) {
    const [i, j] = [places[p], places[p + 1]];
    out.push(...items.slice(from, i));
    const fence = { k: "fence", l: s, r: s, a: items.slice(i + 1, j) };
    out.push(items[j].k === "scr" ? { ...items[j], base: [fence] } : fence);
    from = j + 1;
  }
  out.push(...items.slice(from));
  return out;
}

// ---------- precedence

const isSym = (item, s) => item.k === "sym" && item.s === s;

function split(items, test) {
  const parts = [[]], marks = [];
  for (const item of items) {
    if (test(item)) { marks.push(item); parts.push([]); } else parts[parts.length - 1].push(item);
  }
  return { parts, marks };
}

class Builder {
  /** @param {Set<string>} [learned] */
  constructor(learned) { this.learned = learned; this.depth = 0; }

  expr(layout, inScript = false) {
    if (++this.depth > MAX_DEPTH) { this.depth--; return leaf("…"); }
    try {
      return this.list(group(mergeWords(layout, this.learned, inScript)));
    } finally { this.depth--; }
  }

  list(items) {
    const { parts } = split(items, (i) => i.k === "gap" || isSym(i, ",") || isSym(i, ";") || isSym(i, "，"));
    const made = parts.filter((p) => p.length).map((p) => this.given(p)).filter(Boolean);
    return made.length === 1 ? made[0] : node("list", made);
  }

  given(items) {
    const { parts, marks } = split(items, (i) => isSym(i, "|") || isSym(i, "‖"));
    const made = parts.map((p) => this.relation(p)).filter(Boolean);
    return made.length < 2 ? made[0] : node(isSym(marks[0], "‖") ? "par" : "given", made);
  }

  relation(items) {
    const { parts, marks } = split(items, (i) => i.k === "sym" && RELATION.has(i.s));
    const made = parts.map((p) => this.sum(p)).filter(Boolean);
    if (made.length < 2) return made.length ? (marks.length && !EQUAL.has(marks[0].s) ? node(`rel:${marks[0].s}`, made) : made[0]) : null;
    const sign = marks.find((m) => EQUAL.has(m.s)) ? "=" : marks[0].s;
    return node(`rel:${sign}`, made);
  }

  sum(items) {
    const terms = [];
    let part = [], minus = false;
    const close = () => {
      if (part.length) {
        const made = this.product(part);
        if (made) terms.push(minus ? neg(made) : made);
      }
      part = [];
      minus = false;
    };
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (isSym(item, "+") || isSym(item, "-") || isSym(item, "±")) {
        // after · or / a minus is a sign of the factor, not a new term
        const before = part[part.length - 1];
        if (before && (isSym(before, "·") || isSym(before, "/"))) { if (item.s === "-") minus = !minus; continue; }
        close();
        if (item.s === "-") minus = !minus;
      } else part.push(item);
    }
    close();
    return terms.length ? add(terms) : null;
  }

  product(items) {
    const state = { items, i: 0 };
    const factors = this.factors(state, false);
    return factors.length ? mul(factors) : null;
  }

  /** Factors until the end, or (for an argument without parentheses) until the next prefix function. */
  factors(state, argument) {
    const out = [];
    let divide = false;
    while (state.i < state.items.length) {
      const item = state.items[state.i];
      if (isSym(item, "·")) { state.i++; continue; }
      if (isSym(item, "/")) { divide = true; state.i++; continue; }
      if (argument && out.length && !divide) {
        const w = wordOf(item);
        if (w && PREFIX.has(fnName(w))) break;
      }
      const made = this.factor(state);
      if (!made) continue;
      out.push(divide ? inv(made) : made);
      divide = false;
      // \log\pi(a|s) A is (\log\pi(a|s)) A, but \cos m\theta is \cos(m\theta)
      if (argument && (made.op === "call" || item.k === "frac" || item.k === "fence" || isFunction(made.op)) && !isSym(state.items[state.i] ?? item, "/")) break;
    }
    return out;
  }

  argumentOf(state) {
    const next = state.items[state.i];
    const fence = next && fenceOf(next);
    if (fence && (fence.l === "(" || fence.l === "[" || fence.l === "{")) {
      state.i++;
      const args = this.args(fence);
      return { args, script: next.k === "scr" ? next : null };
    }
    const rest = this.factors(state, true);
    return { args: rest.length ? [mul(rest)] : [], script: null };
  }

  args(fence) {
    const inner = this.expr(fence.a);
    return inner.op === "list" ? inner.args : [inner];
  }

  factor(state) {
    const item = state.items[state.i++];
    switch (item.k) {
      case "num": return number(item.s, item.at);
      case "word": return this.word(item, null, state);
      case "big": return this.big(item, null, state);
      case "frac": return mul([this.expr(item.a), inv(this.expr(item.b))]);
      case "binom": return node("binom", [this.expr(item.a), this.expr(item.b)]);
      case "sqrt": return item.n ? pow(this.expr(item.a), inv(this.expr(item.n))) : node("sqrt", [this.expr(item.a)]);
      case "acc": return this.applied(this.accent(item), state);
      case "fence": return this.fence(item);
      case "grid": return node("grid", item.rows.map((row) => this.expr(row.flat())));
      case "scr": return this.script(item, state);
      case "sym": return this.letter(item, state);
      default: return null;
    }
  }

  letter(item, state) {
    const { s } = item;
    if (s === "∇" || s === "∂") return this.unary(s === "∇" ? "grad" : "partial", state);
    if (s === "…" || s === ".") return null;
    if (s === "!" || s === "&") return null;
    return this.applied(leaf(s, item.at), state);
  }

  unary(op, state) {
    while (state.i < state.items.length && isSym(state.items[state.i], "·")) state.i++;
    if (state.i >= state.items.length || isSym(state.items[state.i], "/")) return node(op, []);
    const made = this.factor(state);
    return node(op, made ? [made] : []);
  }

  /** A letter with parentheses after it: a call, an index in brackets, or a product. */
  applied(base, state) {
    let out = base;
    for (;;) {
      const next = state.items[state.i];
      const fence = next && fenceOf(next);
      if (!fence || !["(", "["].includes(fence.l)) return out;
      const name = (out.op === "sub" ? out.args[0] : out).name ?? "";
      if (fence.l === "[") {
        if (out.op !== "v" && out.op !== "sub") return out;
        const inner = this.args(fence);
        if (name === "D" && out.args[1]?.name === "kl") { state.i++; return node("kl", inner); }
        // E[…] is an expectation, M[i-1] an index
        if (name === "E" || name === "𝔼") { state.i++; out = node("mean", inner); if (next.k === "scr") out = this.scripts(out, next); continue; }
        if (inner.length > 2 || size(inner[0] ?? leaf("")) > 4) return out;
        state.i++;
        out = out.op === "sub" ? node("sub", [...out.args, ...inner]) : node("sub", [out, ...inner]);
        if (next.k === "scr") out = this.scripts(out, next);
        continue;
      }
      const inner = this.expr(fence.a);
      const isCall = inner.op === "list" || inner.op === "given" || inner.op === "par" || inner.op === "rel:≻"
        || (inner.op !== "add" && inner.op !== "neg") || LETTER_FUNCTIONS.has(name[0]);
      if (!isCall || out.op === "pow" || out.op === "call" || (inner.op === "mul" && !LETTER_FUNCTIONS.has(name[0]))) return out;
      state.i++;
      const args = inner.op === "list" ? inner.args : [inner];
      if (out.op === "v" && out.name === "σ") out = node("sigmoid", args);
      else if (name === "D" && out.op === "sub" && out.args[1]?.name === "kl") out = node("kl", args);
      else out = node("call", [out, ...args]);
      if (next.k === "scr") out = this.scripts(out, next);
      return out;
    }
  }

  word(item, script, state) {
    const name = fnName(item.s);
    const next = state.items[state.i];
    const fence = next && fenceOf(next);
    const opened = fence && (fence.l === "(" || (fence.l === "[" && (isFunction(name))));
    const takes = opened || (fence?.l === "{" && isFunction(name)) || (PREFIX.has(name));
    let head = leaf(name, item.at);
    if (!takes) {
      head = script ? this.scripts(head, script) : head;
      return this.applied(head, state);
    }
    if (!isFunction(name) && !opened) return script ? this.scripts(head, script) : head;
    const { args, script: after } = this.argumentOf(state);
    if (!args.length) return script ? this.scripts(head, script) : head;
    let out = this.call(name, args, script, item.at);
    if (script?.sup && !isMark(script.sup)) {
      const sup = this.expr(script.sup, true);
      if (sup.op === "num") out = pow(out, sup);
    }
    return after ? this.scripts(out, after) : out;
  }

  call(name, args, script, at) {
    if (name === "mean") return node("mean", args.slice(0, 1), { at });
    if (name === "logsigmoid") return node("log", [node("sigmoid", args, { at })], { at });
    if (name === "logsoftmax") return node("log", [node("softmax", args, { at })], { at });
    if (name === "exp") return pow(leaf("e", at), args[0]);
    if (name === "log" || name === "sqrt") return node(name, args.slice(0, 1), { at });
    if (isFunction(name) || name === "kl") return node(name, args, { at });
    const head = leaf(name, at);
    return node("call", [script?.sub ? this.scripts(head, { sub: script.sub }) : head, ...args]);
  }

  big(item, script, state) {
    const bound = [];
    let upper = null;
    if (script?.sub) {
      const sub = this.expr(script.sub, true);
      for (const part of sub.op === "list" ? sub.args : [sub]) {
        const first = part.op.startsWith("rel:") ? part.args[0] : part;
        if (first?.op === "v") bound.push(first.name);
        else if (first?.op === "sub") bound.push(first.args[0].name);
        else if (first?.op === "call") bound.push(...first.args.filter((a) => a.op === "v").map((a) => a.name));
      }
    }
    if (script?.sup) upper = key(this.expr(script.sup, true));
    const rest = this.factors(state, false);
    return node(item.s, rest.length ? [mul(rest)] : [], { bound, upper, at: item.at });
  }

  fence(item) {
    if (item.l === "⌊") return node("floor", [this.expr(item.a)]);
    if (item.l === "⌈") return node("ceil", [this.expr(item.a)]);
    if (item.l === "|") return node("abs", [this.expr(item.a)]);
    if (item.l === "‖") return node("norm", [this.expr(item.a)]);
    if (item.a.length === 1 && item.a[0].k === "grid") return node("grid", item.a[0].rows.flatMap((row) => row.filter((c) => c.length).map((c) => this.expr(c))));
    const inner = this.expr(item.a);
    if (item.l === "{" && item.r === "}" && inner.op === "list") return node("set", inner.args);
    return inner;
  }

  accent(item) {
    const inner = this.expr(item.a);
    if (inner.op === "v") return leaf(`${inner.name}^${item.s}`, inner.at);
    if (inner.op === "sub") return node("sub", [leaf(`${inner.args[0].name}^${item.s}`, inner.args[0].at), ...inner.args.slice(1)]);
    if (inner.op === "mean") return inner;
    return node(`acc:${item.s}`, [inner]);
  }

  script(item, state) {
    if (!item.base.length) return null;
    const base = item.base[0];
    if (item.base.length === 1) {
      if (base.k === "big") return this.big(base, item, state);
      if (base.k === "word") return this.word(base, item, state);
      if (base.k === "sym" && (base.s === "∇" || base.s === "∂")) return this.unary(base.s === "∇" ? "grad" : "partial", state);
      if (base.k === "acc" && base.a.length === 1 && base.a[0].k === "word") return this.word(base.a[0], item, state);
      if (base.k === "fence") return this.scripts(this.fence(base), item);
    }
    const inner = base.k === "sym" && item.base.length === 1 ? leaf(base.s, base.at) : this.expr(item.base);
    return this.applied(this.scripts(inner, item), state);
  }

  /** Indices and powers on a base. */
  scripts(base, { sub, sup }) {
    let out = base;
    const indices = [];
    if (sub && sub.length && (base.op === "v" || base.op === "call" || base.op === "softmax" || base.op === "sub")) {
      const inner = this.expr(sub, true);
      // q_{t,i} and s_{ij}: several indices
      if (inner.op === "list") indices.push(...inner.args);
      else if (inner.op === "mul" && inner.args.every((a) => a.op === "v")) indices.push(...inner.args);
      else indices.push(inner);
    }
    let power = null;
    if (sup && sup.length) {
      if (isMark(sup)) {
        const marks = sup.map((m) => m.s).filter((s) => s === "′" || s === "·" || s === "*").length;
        if (out.op === "v") out = leaf(`${out.name}${sup.some((m) => m.s === "′") ? "′".repeat(marks) : "*"}`, out.at);
        // x'^\top: the rest after the primes
        const rest = sup.filter((m) => m.k !== "sym" || m.s !== "′");
        if (rest.length && rest.length < sup.length) power = isTranspose(rest, out) ? "T" : this.expr(rest, true);
      } else if (isTranspose(sup, base)) power = "T";
      else {
        const inner = this.expr(sup, true);
        if (isLabel(sup, inner, base)) indices.push(...(inner.op === "list" || inner.op === "mul" ? inner.args : [inner]).map((n) => ({ ...n, up: true })));
        else power = inner;
      }
    }
    if (indices.length) out = out.op === "sub" ? node("sub", [...out.args, ...indices]) : node("sub", [out, ...indices]);
    if (power === "T") return node("T", [out]);
    return power ? pow(out, power) : out;
  }
}

const wordOf = (item) => (item.k === "word" ? item.s : item.k === "scr" && item.base[0]?.k === "word" ? item.base[0].s : null);
const fenceOf = (item) => (item.k === "fence" ? item : item.k === "scr" && item.base.length === 1 && item.base[0].k === "fence" ? item.base[0] : null);
const isMark = (sup) => sup.length > 0 && sup[0].k === "sym" && (sup[0].s === "′" || (sup.length === 1 && (sup[0].s === "·" || sup[0].s === "*")));

function isTranspose(sup, base) {
  if (sup.length !== 1 || sup[0].k !== "sym") return false;
  if (sup[0].s === "⊤") return true;
  return sup[0].s === "T" && base.op !== "num" && base.op !== "exp" && !(base.op === "v" && base.name === "e");
}

/** W^Q, c^{KV}, L^{CLIP}, V^{(p)} are names, not powers. */
function isLabel(sup, inner, base) {
  if (base.op === "num" || (base.op === "v" && base.name === "e")) return false;
  if (inner.op === "v") return /^[A-Z]/.test(inner.name) || [...inner.name].length > 1 || (sup.length === 1 && sup[0].k === "fence") || sup.some((s) => s.k === "sym" && s.s === "(");
  if (inner.op === "mul") return inner.args.every((a) => a.op === "v" && /^[A-Z]/.test(a.name));
  if (base.op !== "v" && base.op !== "sub") return false;
  return inner.op === "call" || inner.op === "list" || (inner.op === "sub" && /^[A-Z]/.test(inner.args[0].name ?? ""));
}

/** How many nodes a tree has. */
export function size(n) {
  if (n.n !== undefined) return n.n;
  let total = 1;
  for (const a of n.args) total += size(a);
  return (n.n = total);
}

/**
 * @param {object[]} layout from parse.js
 * @param {Set<string>} [learned] words of the corpus
 */
export function buildTree(layout, learned) {
  // rows of an aligned block are formulas of their own
  const items = layout.length === 1 && layout[0].k === "grid"
    ? layout[0].rows.flatMap((row, i) => [...(i ? [{ k: "gap" }] : []), ...row.flat()])
    : layout;
  return new Builder(learned).expr(items);
}

/** Words that the formulas write upright or as longer indices: the vocabulary for runs of letters. */
export function learnWords(layouts) {
  const learned = new Set();
  const visit = (items, inScript) => {
    const run = inScript ? items.map((i) => (single(i) ? i.s : "\0")).join("") : "";
    if (/^[A-Za-z]{3,}$/.test(run)) learned.add(run.toLowerCase());
    for (const item of items) {
      if (item.k === "word" && /^[A-Za-z]{3,}$/.test(item.s)) learned.add(item.s.toLowerCase());
      for (const part of [item.a, item.b, item.n, item.base]) if (part) visit(part, inScript);
      for (const part of [item.sub, item.sup]) if (part) visit(part, true);
      if (item.rows) for (const row of item.rows) for (const cell of row) visit(cell, false);
    }
  };
  for (const layout of layouts) visit(layout, false);
  return learned;
}
