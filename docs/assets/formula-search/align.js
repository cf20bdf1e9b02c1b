/**
 * Lays the tree of the query over the tree of a formula: which part matches, which variable
 * stands for which. Commutative terms are paired best first; parts of the query may land in
 * different places of the formula; a variable that would have to mean two things costs.
 */
import { sameLetter } from "./symbols.js";

const COMMUTATIVE = new Set(["add", "mul", "max", "min", "list", "set", "concat"]);
const OP = 0.6;
const MAX_NODES = 110;

const plain = (name) => name.replace(/[\^′*].*$/u, "");

/** Nodes of a tree with what the alignment needs of them. @returns {object} */
export function prepare(root) {
  const nodes = [];
  const visit = (n, f) => {
    if (nodes.length >= MAX_NODES) return -1;
    const id = nodes.length;
    // an index says less than what carries it, and what is not typed yet says nothing
    const own = f * (n.op === "v" || n.op === "num" ? (n.name === "Box" ? 0.05 : 1) : n.op === "sub" ? 0.2 : OP);
    const entry = { n, op: n.op, args: [], f, own, w: own };
    nodes.push(entry);
    n.args.forEach((a, i) => {
      const child = visit(a, n.op === "sub" && i > 0 ? f * 0.5 : n.op === "call" && i > 0 ? f * 0.8 : f);
      if (child >= 0) { entry.args.push(child); entry.w += nodes[child].w; }
    });
    return id;
  };
  visit(root, 1);
  const sides = new Set([0]);
  for (const id of [0, ...nodes[0].args]) if (/^(rel:|list$)/.test(nodes[id].op)) for (const k of nodes[id].args) sides.add(k);
  return { nodes, total: nodes[0].w || 1, sides };
}

class Alignment {
  constructor(query, doc) {
    this.q = query.nodes;
    this.c = doc.nodes;
    this.memo = new Float32Array(this.q.length * this.c.length).fill(-1);
    this.work = 0;
  }

  leaf(a, b) {
    if (a.op === "num" || b.op === "num") return a.op === b.op && a.n.name === b.n.name ? 1 : 0.05;
    const x = a.n.name, y = b.n.name;
    if (x === y) return !!a.n.up === !!b.n.up ? 1 : 0.8;
    if (plain(x) === plain(y)) return 0.9;
    if (x.toLowerCase() === y.toLowerCase()) return 0.75;
    // a word renamed to a letter is likelier than a word to another word
    return [...x].length > 2 && [...y].length > 2 ? 0.4 : 0.55;
  }

  /** How much of query node i is found when it is laid on formula node j. */
  match(i, j) {
    const at = i * this.c.length + j;
    if (this.memo[at] >= 0) return this.memo[at];
    this.memo[at] = 0; // a cycle cannot be, but skipping wrappers must not loop
    this.work++;
    const a = this.q[i], b = this.c[j];
    const leafA = a.op === "v" || a.op === "num", leafB = b.op === "v" || b.op === "num";
    let best = 0;
    if (leafA && leafB) best = a.f * this.leaf(a, b);
    else if (leafA) {
      if (b.op === "sub" && b.args.length) {
        best = 0.78 * this.match(i, b.args[0]);
        // r_w of r(x, y_w): the index alone tells which one is meant
        if (a.op === "v") for (const k of b.args.slice(1)) if (this.c[k].n.name === a.n.name) best = Math.max(best, 0.85 * a.f);
      }
      else if (a.op === "v") best = (b.op === "T" || b.op === "neg" || b.op === "call" || b.op === "inv") && b.args.length ? 0.8 * this.match(i, b.args[0]) : 0.2 * a.f;
    } else if (leafB) {
      if (NAMED.has(a.op) && a.args.length) best = (a.op === "sub" ? a.own : 0.5 * a.own) + 0.85 * this.match(a.args[0], j);
      else if (b.op === "v") best = 0.15 * a.f;
    } else {
      const relation = relational(a.op, b.op);
      if (a.op === b.op || relation === 1) best = a.own + this.children(a, b, COMMUTATIVE.has(a.op) || a.op.startsWith("rel:") || a.op === "sub");
      else if (NAMED.has(a.op) && NAMED.has(b.op) && a.args.length && b.args.length) best = a.own * 0.5 + this.match(a.args[0], b.args[0]) + 0.8 * this.children({ args: a.args.slice(1) }, { args: b.args.slice(1) }, true);
      else if (functional(a) && functional(b)) best = a.own * 0.5 + this.children({ args: inputs(a) }, { args: inputs(b) }, false);
      else if (kin(a.op, b.op) || relation) best = a.own * 0.6 + this.children(a, b, false);
      else if (a.args.length === 1 && b.args.length === 1) best = 0.6 * this.match(a.args[0], b.args[0]);
      // one factor of the query may be all there is, and the other way round
      if (best < a.w && (b.op === "mul" || b.op === "add" || b.op === "list") && a.op !== b.op) for (const k of b.args) best = Math.max(best, 0.96 * this.match(i, k));
      if ((a.op === "mul" || a.op === "add") && a.op !== b.op) for (const k of a.args) best = Math.max(best, this.match(k, j));
      if ((b.op === "mean" || b.op === "max") && b.args.length === 1 && a.op !== b.op) best = Math.max(best, this.match(i, b.args[0]) - 0.15 * a.f);
      for (const wrapper of ["T", "neg"]) {
        if (a.op === wrapper && b.op !== wrapper && a.args.length) best = Math.max(best, this.match(a.args[0], j));
        if (b.op === wrapper && a.op !== wrapper && b.args.length) best = Math.max(best, this.match(i, b.args[0]) - 0.1 * a.f);
      }
    }
    if (best > a.w) best = a.w;
    return (this.memo[at] = best);
  }

  /** Pairs of arguments, best first (or in place, for what has an order). */
  pairs(a, b, free) {
    const out = [];
    if (!free) {
      for (let k = 0; k < Math.min(a.args.length, b.args.length); k++) out.push([a.args[k], b.args[k], this.match(a.args[k], b.args[k])]);
      return out;
    }
    const all = [];
    a.args.forEach((x, s) => b.args.forEach((y, t) => all.push([x, y, this.match(x, y) - 0.001 * Math.abs(s - t)])));
    all.sort((p, r) => r[2] - p[2]);
    const usedA = new Set(), usedB = new Set();
    for (const p of all) {
      if (usedA.has(p[0]) || usedB.has(p[1])) continue;
      usedA.add(p[0]);
      usedB.add(p[1]);
      out.push(p);
      if (out.length === Math.min(a.args.length, b.args.length)) break;
    }
    return out;
  }

  children(a, b, free) {
    let total = 0;
    for (const p of this.pairs(a, b, free)) total += Math.max(0, p[2]);
    return total;
  }

  /** Places each part of the query where it fits best; a whole that fits badly is split. */
  cover(i, placed) {
    const a = this.q[i];
    let best = 0, at = -1;
    for (let j = 0; j < this.c.length; j++) {
      const s = this.match(i, j) - j * 1e-6; // of equals the one nearest the top
      if (s > best) { best = s; at = j; }
    }
    if (best >= a.w - 1e-3 || !a.args.length || a.op === "sub") { if (at >= 0) placed.push([i, at]); return best; }
    const parts = [];
    let sum = 0;
    for (const k of a.args) sum += this.cover(k, parts);
    // parts that lie apart say less than a whole
    if (sum * 0.93 > best) { placed.push(...parts); return sum * 0.93; }
    if (at >= 0) placed.push([i, at]);
    return best;
  }

  /** Follows a placement down to the leaves: [query node, formula node] pairs that match. */
  trace(i, j, out) {
    const a = this.q[i], b = this.c[j];
    const leafA = a.op === "v" || a.op === "num", leafB = b.op === "v" || b.op === "num";
    if (leafA && leafB) { out.push([i, j]); return; }
    if (leafA) { if (["sub", "T", "neg", "call", "inv"].includes(b.op) && b.args.length) this.trace(i, b.args[0], out); return; }
    if (leafB) { if (NAMED.has(a.op) && a.args.length) this.trace(a.args[0], j, out); return; }
    const goal = this.match(i, j) - 1e-3;
    const relation = relational(a.op, b.op);
    const follow = (pairs, matched) => {
      if (matched) out.push([i, j]);
      for (const p of pairs) if (p[2] > 0.3 * this.q[p[0]].f) this.trace(p[0], p[1], out);
    };
    if (a.op === b.op || relation === 1) {
      const free = COMMUTATIVE.has(a.op) || a.op.startsWith("rel:") || a.op === "sub";
      if (a.own + this.children(a, b, free) >= goal) return follow(this.pairs(a, b, free), true);
    } else if (NAMED.has(a.op) && NAMED.has(b.op) && a.args.length && b.args.length) {
      this.trace(a.args[0], b.args[0], out);
      return follow(this.pairs({ args: a.args.slice(1) }, { args: b.args.slice(1) }, true), false);
    } else if (functional(a) && functional(b)) {
      const pairs = this.pairs({ args: inputs(a) }, { args: inputs(b) }, false);
      if (a.own * 0.5 + this.children({ args: inputs(a) }, { args: inputs(b) }, false) >= goal) return follow(pairs, true);
    } else if ((kin(a.op, b.op) || relation) && a.own * 0.6 + this.children(a, b, false) >= goal) return follow(this.pairs(a, b, false), true);
    for (const k of b.args) if ((b.op === "mul" || b.op === "add" || b.op === "list") && a.op !== b.op && 0.96 * this.match(i, k) >= goal) return this.trace(i, k, out);
    for (const k of a.args) if (["mul", "add", "T", "neg"].includes(a.op) && this.match(k, j) >= goal) return this.trace(k, j, out);
    if (["T", "neg", "mean", "max"].includes(b.op) && a.op !== b.op && b.args.length === 1) return this.trace(i, b.args[0], out);
    if (a.args.length === 1 && b.args.length === 1) this.trace(a.args[0], b.args[0], out);
  }
}

const SUMS = new Set(["sum", "mean", "prod"]);
/** A variable with something attached: p_i and P(x) are two ways to write the same. */
const NAMED = new Set(["sub", "call"]);
const CORE = new Set(["v", "num", "sub", "add", "mul", "neg", "inv", "pow", "sqrt", "exp", "log", "sum", "mean", "prod", "T", "list", "given", "par", "set", "grid", "abs", "max", "min", "binom", "grad", "partial", "fn"]);
/** softmax(x), F(x), LN(x): functions that a page may call by another name. */
const functional = (n) => n.op === "fn" || (!CORE.has(n.op) && !n.op.startsWith("rel:") && !n.op.startsWith("acc:")) || n.op === "call";
const inputs = (n) => (n.op === "call" ? n.args.slice(1) : n.args);
const kin = (a, b) => (SUMS.has(a) && SUMS.has(b)) || (a === "norm" && b === "abs") || (a === "abs" && b === "norm");
/** 1: the same relation; 0.5: another one; 0: none. */
const relational = (a, b) => (!a.startsWith("rel:") || !b.startsWith("rel:") ? 0 : a === b ? 1 : 0.5);

/**
 * @param {ReturnType<typeof prepare>} query
 * @param {ReturnType<typeof prepare>} doc
 * @param {boolean} detail whether to say what matched
 * @returns {{score: number, back: number, renamed: [string, string][], spans: [number, number][]}}
 *   score: share of the query found; back: share of the formula that is covered
 */
export function align(query, doc, detail = false) {
  const job = new Alignment(query, doc);
  const placed = [];
  let got = job.cover(0, placed);
  const links = [];
  for (const [i, j] of placed) job.trace(i, j, links);
  // which name each variable took, and how often
  const votes = new Map(), taken = new Map();
  for (const [i, j] of links) {
    const a = job.q[i], b = job.c[j];
    if (a.op !== "v" || b.op !== "v") continue;
    const x = a.n.name, y = b.n.name;
    if (!votes.has(x)) votes.set(x, new Map());
    votes.get(x).set(y, (votes.get(x).get(y) ?? 0) + 1);
    if (!taken.has(y)) taken.set(y, new Map());
    taken.get(y).set(x, (taken.get(y).get(x) ?? 0) + 1);
  }
  const lost = (counts) => {
    let all = 0, most = 0;
    for (const n of counts.values()) { all += n; most = Math.max(most, n); }
    return all - most;
  };
  let clashes = 0;
  for (const counts of votes.values()) clashes += lost(counts);
  for (const counts of taken.values()) clashes += lost(counts);
  got -= 0.22 * clashes;
  let covered = 0;
  const seen = new Set();
  for (const [, j] of links) if (!seen.has(j)) { seen.add(j); covered += job.c[j].own; }
  const result = {
    score: Math.max(0, Math.min(1, got / query.total)), back: Math.min(1, covered / doc.total), work: job.work, renamed: [], spans: [],
    // the whole query is a whole side of the formula
    top: placed.length === 1 && placed[0][0] === 0 && doc.sides.has(placed[0][1]) ? 1 : 0,
  };
  if (detail) {
    for (const [x, counts] of votes) {
      const [y] = [...counts].sort((p, r) => r[1] - p[1])[0];
      if (x !== y && sameLetter(plain(x)) !== sameLetter(plain(y)) && ![...result.renamed].some((r) => r[0] === x)) result.renamed.push([x, y]);
    }
    for (const [i, j] of links) {
      const a = job.q[i], b = job.c[j];
      if (b.n.at && (b.op === "v" || b.op === "num" || a.op === b.op)) result.spans.push(b.n.at);
    }
  }
  return result;
}
