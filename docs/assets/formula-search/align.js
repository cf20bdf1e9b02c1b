/**
 * Lays the tree of the query over the tree of a formula: which part matches, which variable
 * stands for which. Commutative terms are paired best first; parts of the query may land in
 * different places of the formula; a variable that would have to mean two things costs.
 */
import { plain, sameLetter } from "./symbols.js";

const COMMUTATIVE = new Set(["add", "mul", "max", "min", "list", "set", "concat"]);
const OP = 0.6;
const MAX_NODES = 110;
/** Arguments times arguments that are paired without making lists. */
const FEW = 144;

/** Nodes of a tree with what the alignment needs of them. @returns {object} */
export function prepare(root) {
  const nodes = [];
  const visit = (n, f) => {
    if (nodes.length >= MAX_NODES) return -1;
    const id = nodes.length;
    // an index says less than what carries it, and what is not typed yet says nothing
    const own = f * (n.op === "v" || n.op === "num" ? (n.name === "Box" ? 0.05 : 1) : n.op === "sub" ? 0.2 : OP);
    const leaf = n.op === "v" || n.op === "num";
    const entry = {
      n, op: n.op, args: [], f, own, w: own, leaf, free: COMMUTATIVE.has(n.op) || n.op === "sub" || n.op.startsWith("rel:"),
      rel: n.op.startsWith("rel:"), named: NAMED.has(n.op), fn: functional(n), inputs: null,
      name: leaf ? n.name : "", plain: leaf ? plain(n.base ?? n.name) : "", low: leaf ? n.name.toLowerCase() : "", long: leaf && [...n.name].length > 2,
    };
    nodes.push(entry);
    n.args.forEach((a, i) => {
      const child = visit(a, n.op === "sub" && i > 0 ? f * 0.5 : n.op === "call" && i > 0 ? f * 0.8 : f);
      if (child >= 0) { entry.args.push(child); entry.w += nodes[child].w; }
    });
    entry.inputs = n.op === "call" ? entry.args.slice(1) : entry.args;
    entry.rest = entry.args.slice(1);
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
    this.stack = [];
    this.height = 0;
  }

  leaf(a, b) {
    if (a.op === "num" || b.op === "num") return a.op === b.op && a.name === b.name ? 1 : 0.05;
    if (a.name === b.name) return !!a.n.up === !!b.n.up ? 1 : 0.8;
    if (a.plain === b.plain) return 0.9;
    if (a.low === b.low) return 0.75;
    // a word renamed to a letter is likelier than a word to another word
    return a.long && b.long ? 0.4 : 0.55;
  }

  /** How much of query node i is found when it is laid on formula node j. */
  match(i, j) {
    const at = i * this.c.length + j;
    if (this.memo[at] >= 0) return this.memo[at];
    this.memo[at] = 0; // a cycle cannot be, but skipping wrappers must not loop
    this.work++;
    const best = Math.min(this.q[i].w, this.lay(this.q[i], this.c[j], i, j));
    return (this.memo[at] = best);
  }

  lay(a, b, i, j) {
    if (a.leaf && b.leaf) return a.f * this.leaf(a, b);
    if (a.leaf) {
      if (b.op === "sub" && b.args.length) {
        let best = 0.78 * this.match(i, b.args[0]);
        // r_w of r(x, y_w): the index alone tells which one is meant
        if (a.op === "v") for (const k of b.rest) if (this.c[k].name === a.name) best = Math.max(best, 0.85 * a.f);
        return best;
      }
      if (a.op !== "v") return 0;
      return (b.op === "T" || b.op === "neg" || b.op === "call" || b.op === "inv") && b.args.length ? 0.8 * this.match(i, b.args[0]) : 0.2 * a.f;
    }
    if (b.leaf) {
      if (a.named && a.args.length) return (a.op === "sub" ? a.own : 0.5 * a.own) + 0.85 * this.match(a.args[0], j);
      return b.op === "v" ? 0.15 * a.f : 0;
    }
    let best = 0;
    if (a.op === b.op) best = a.own + this.children(a.args, b.args, a.free);
    else if (a.named && b.named && a.args.length && b.args.length) best = a.own * 0.5 + this.match(a.args[0], b.args[0]) + 0.8 * this.children(a.rest, b.rest, true);
    else if (a.fn && b.fn) best = a.own * 0.5 + this.children(a.inputs, b.inputs, false);
    else if ((a.rel && b.rel) || kin(a.op, b.op)) best = a.own * 0.6 + this.children(a.args, b.args, false);
    else if (a.args.length === 1 && b.args.length === 1) best = 0.6 * this.match(a.args[0], b.args[0]);
    if (a.op === b.op && best > a.w - 1e-3) return best;
    if (a.op !== b.op) {
      // one factor of the query may be all there is, and the other way round
      if (b.op === "mul" || b.op === "add" || b.op === "list") for (const k of b.args) best = Math.max(best, 0.96 * this.match(i, k));
      if (a.op === "mul" || a.op === "add" || a.op === "T" || a.op === "neg") for (const k of a.args) best = Math.max(best, this.match(k, j));
      if (b.args.length === 1) {
        if (b.op === "mean" || b.op === "max") best = Math.max(best, this.match(i, b.args[0]) - 0.15 * a.f);
        else if (b.op === "T" || b.op === "neg") best = Math.max(best, this.match(i, b.args[0]) - 0.1 * a.f);
      }
    }
    return best;
  }

  /** Pairs of arguments, best first (or in place, for what has an order). */
  pairs(A, B, free) {
    const n = Math.min(A.length, B.length);
    const out = [];
    if (!free || (A.length === 1 && B.length === 1)) {
      for (let k = 0; k < n; k++) out.push([A[k], B[k], this.match(A[k], B[k])]);
      return out;
    }
    const all = [];
    for (let s = 0; s < A.length; s++) for (let t = 0; t < B.length; t++) all.push([A[s], B[t], this.match(A[s], B[t]) - 0.001 * Math.abs(s - t)]);
    all.sort((p, r) => r[2] - p[2]);
    const usedA = new Set(), usedB = new Set();
    for (const p of all) {
      if (usedA.has(p[0]) || usedB.has(p[1])) continue;
      usedA.add(p[0]);
      usedB.add(p[1]);
      out.push(p);
      if (out.length === n) break;
    }
    return out;
  }

  /** What `pairs` come to; asked for so often that it makes no lists. */
  children(A, B, free) {
    const n = A.length, m = B.length;
    if (!n || !m) return 0;
    let total = 0;
    if (!free || (n === 1 && m === 1)) {
      for (let k = 0; k < n && k < m; k++) total += this.match(A[k], B[k]);
      return total;
    }
    if (n === 1) {
      for (let t = 0; t < m; t++) total = Math.max(total, this.match(A[0], B[t]));
      return total;
    }
    const cells = n * m;
    if (cells > FEW) {
      for (const p of this.pairs(A, B, true)) total += Math.max(0, p[2]);
      return total;
    }
    // what match asks for in between lies above on the same stack
    const from = this.height, stack = this.stack;
    this.height += cells;
    for (let s = 0; s < n; s++) for (let t = 0; t < m; t++) stack[from + s * m + t] = this.match(A[s], B[t]) - 0.001 * Math.abs(s - t);
    for (let k = Math.min(n, m); k > 0; k--) {
      let best = 0, at = -1;
      for (let c = 0; c < cells; c++) if (stack[from + c] > best) { best = stack[from + c]; at = c; }
      if (at < 0) break;
      total += best;
      const s = Math.floor(at / m), t = at % m;
      for (let c = 0; c < m; c++) stack[from + s * m + c] = 0;
      for (let c = 0; c < n; c++) stack[from + c * m + t] = 0;
    }
    this.height = from;
    return total;
  }

  /** Places each part of the query where it fits best; a whole that fits badly is split. */
  cover(i, placed) {
    const a = this.q[i];
    let best = 0, at = -1;
    for (let j = 0; j < this.c.length; j++) {
      if (this.c[j].leaf && !a.leaf && !a.named) continue; // a whole expression is never one letter
      const s = this.match(i, j);
      if (s > best + 1e-6) { best = s; at = j; } // of equals the one nearest the top
      if (best >= a.w - 1e-6) break;
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

  /** Follows a placement down to the leaves: [query node, formula node] pairs that match; with it what a lone letter stands for, index and all. */
  trace(i, j, out, whole = j) {
    const a = this.q[i], b = this.c[j];
    if (a.leaf && b.leaf) { out.push([i, j, whole]); return; }
    if (a.leaf) { if (["sub", "T", "neg", "call", "inv"].includes(b.op) && b.args.length) this.trace(i, b.args[0], out, b.op === "sub" ? whole : b.args[0]); return; }
    if (b.leaf) { if (a.named && a.args.length) this.trace(a.args[0], j, out); return; }
    const goal = this.match(i, j) - 1e-3;
    const follow = (pairs, matched) => {
      if (matched) out.push([i, j]);
      for (const p of pairs) if (p[2] > 0.3 * this.q[p[0]].f) this.trace(p[0], p[1], out);
    };
    if (a.op === b.op) {
      if (a.own + this.children(a.args, b.args, a.free) >= goal) return follow(this.pairs(a.args, b.args, a.free), true);
    } else if (a.named && b.named && a.args.length && b.args.length) {
      this.trace(a.args[0], b.args[0], out);
      return follow(this.pairs(a.rest, b.rest, true), false);
    } else if (a.fn && b.fn) {
      if (a.own * 0.5 + this.children(a.inputs, b.inputs, false) >= goal) return follow(this.pairs(a.inputs, b.inputs, false), true);
    } else if (((a.rel && b.rel) || kin(a.op, b.op)) && a.own * 0.6 + this.children(a.args, b.args, false) >= goal) return follow(this.pairs(a.args, b.args, false), true);
    if (a.op !== b.op) {
      for (const k of b.args) if ((b.op === "mul" || b.op === "add" || b.op === "list") && 0.96 * this.match(i, k) >= goal) return this.trace(i, k, out);
      for (const k of a.args) if (["mul", "add", "T", "neg"].includes(a.op) && this.match(k, j) >= goal) return this.trace(k, j, out);
      if (["T", "neg", "mean", "max"].includes(b.op) && b.args.length === 1) return this.trace(i, b.args[0], out);
    }
    if (a.args.length === 1 && b.args.length === 1) this.trace(a.args[0], b.args[0], out);
  }
}

const SUMS = new Set(["sum", "mean", "prod"]);
/** A variable with something attached: p_i and P(x) are two ways to write the same. */
const NAMED = new Set(["sub", "call"]);
const CORE = new Set(["v", "num", "sub", "add", "mul", "neg", "inv", "pow", "sqrt", "exp", "log", "sum", "mean", "prod", "T", "list", "given", "par", "set", "grid", "abs", "max", "min", "binom", "grad", "partial", "fn"]);
/** softmax(x), F(x), LN(x): functions that a page may call by another name. */
const functional = (n) => n.op === "fn" || (!CORE.has(n.op) && !n.op.startsWith("rel:") && !n.op.startsWith("acc:")) || n.op === "call";
const kin = (a, b) => (SUMS.has(a) && SUMS.has(b)) || (a === "norm" && b === "abs") || (a === "abs" && b === "norm");

/**
 * @param {ReturnType<typeof prepare>} query
 * @param {ReturnType<typeof prepare>} doc
 * @param {boolean} detail whether to say what matched
 * @returns {{score: number, back: number, renamed: [string, string, object?][], spans: [number, number][]}}
 *   score: share of the query found; back: share of the formula that is covered; renamed: also the node of the sign that the second is a part of
 */
export function align(query, doc, detail = false) {
  const job = new Alignment(query, doc);
  const placed = [];
  let got = job.cover(0, placed);
  const links = [];
  for (const [i, j] of placed) job.trace(i, j, links);
  // which name each variable took, and how often
  const votes = new Map(), taken = new Map(), wholes = new Map();
  for (const [i, j, whole] of links) {
    const a = job.q[i], b = job.c[j];
    if (a.op !== "v" || b.op !== "v") continue;
    const x = a.n.name, y = b.n.name;
    if (!votes.has(x)) votes.set(x, new Map());
    votes.get(x).set(y, (votes.get(x).get(y) ?? 0) + 1);
    if (whole !== j && !wholes.has(`${x} ${y}`)) wholes.set(`${x} ${y}`, job.c[whole].n);
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
      if (x !== y && sameLetter(plain(x)) !== sameLetter(plain(y))) result.renamed.push([x, y, wholes.get(`${x} ${y}`)]);
    }
    const spans = [];
    for (const [i, j] of links) {
      const a = job.q[i], b = job.c[j];
      if (b.n.at && (b.op === "v" || b.op === "num" || a.op === b.op)) spans.push(b.n.at);
    }
    result.spans = spans.sort((x, y) => x[0] - y[0] || x[1] - y[1]).filter((s, i, all) => !i || s[0] !== all[i - 1][0]);
  }
  return result;
}
