/**
 * Two coarser views of a tree.
 * collapse: p_i, P(x), \hat p and p are all one variable each: what a formula says apart from its notation.
 * expand: logarithms of products taken apart, products over sums multiplied out, σ written out:
 *   the same for two formulas that school algebra makes equal, whatever their variables are called.
 */
import { key, size } from "./tree.js";
import { isFunction } from "./words.js";

const node = (op, args, from) => ({ op, args, ...(from?.bound ? { bound: from.bound } : {}) });
const base = (n) => (n.args.length ? base(n.args[0]) : n.name ?? n.op);
const variable = (n) => ({ op: "v", args: [], name: key(n), base: base(n), at: n.at });

/** @returns {object} a tree without indices and arguments */
export function collapse(n) {
  if (n.op === "v" || n.op === "num") return n;
  if (n.op === "sub") return variable(n);
  if (n.op === "call" || n.op === "given") return variable(n);
  if (n.op === "T" && n.args.length) return collapse(n.args[0]);
  const args = n.args.map(collapse);
  if (n.op === "mul" || n.op === "add") return node(n.op, args.flatMap((a) => (a.op === n.op ? a.args : [a])), n);
  return node(isFunction(n.op) && !PLAIN.has(n.op) ? "fn" : n.op, args, n);
}
const PLAIN = new Set(["log", "exp", "sqrt", "max", "min", "mean", "sigmoid", "softmax", "tanh", "sin", "cos", "abs", "norm", "sum", "var", "std", "clip", "round", "arg"]);

const LIMIT = 16;
const ONE = { op: "num", args: [], name: "1" };
const neg = (a) => (a.op === "neg" ? a.args[0] : node("neg", [a]));
const terms = (n) => (n.op === "add" ? n.args : [n]);
const add = (list) => {
  // a − a goes away, so do parts that only rearranging brought in
  const out = [];
  for (const t of list.flatMap(terms)) {
    const other = out.findIndex((o) => key(neg(o)) === key(t) || key(o) === key(neg(t)));
    if (other >= 0 && (out[other].op === "neg") !== (t.op === "neg")) out.splice(other, 1);
    else out.push(t);
  }
  return out.length === 0 ? { op: "num", args: [], name: "0" } : out.length === 1 ? out[0] : node("add", out);
};

function mul(list) {
  let sign = false;
  let products = [[]];
  for (let f of list) {
    if (f.op === "neg") { sign = !sign; f = f.args[0]; }
    const parts = f.op === "add" && products.length * f.args.length <= LIMIT ? f.args : [f];
    products = products.flatMap((p) => parts.map((t) => [...p, t]));
  }
  const made = products.map((factors) => {
    let minus = sign;
    const flat = factors.flatMap((f) => {
      if (f.op === "neg") { minus = !minus; f = f.args[0]; }
      return f.op === "mul" ? f.args : [f];
    });
    const kept = [];
    for (const f of flat) {
      if (f.op === "num" && f.name === "1") continue;
      const inverse = f.op === "inv" ? key(f.args[0]) : null;
      const other = kept.findIndex((o) => (inverse !== null ? key(o) === inverse : o.op === "inv" && key(o.args[0]) === key(f)));
      if (other >= 0) kept.splice(other, 1);
      else kept.push(f);
    }
    const out = kept.length === 0 ? ONE : kept.length === 1 ? kept[0] : node("mul", kept);
    return minus ? neg(out) : out;
  });
  return add(made);
}

function inv(a) {
  if (a.op === "inv") return a.args[0];
  if (a.op === "mul") return mul(a.args.map(inv));
  if (a.op === "neg") return neg(inv(a.args[0]));
  if (a.op === "exp") return exp(neg(a.args[0]));
  return node("inv", [a]);
}

function log(a) {
  if (a.op === "mul") return add(a.args.map(log));
  if (a.op === "inv") return neg(log(a.args[0]));
  if (a.op === "exp") return a.args[0];
  if (a.op === "pow") return mul([a.args[1], log(a.args[0])]);
  if (a.op === "sqrt") return mul([node("inv", [{ op: "num", args: [], name: "2" }]), log(a.args[0])]);
  if (a.op === "prod" && a.args.length) return linear("sum", log(a.args[0]), a);
  return node("log", [a]);
}

function exp(a) {
  // logarithms inside come out as factors: exp(log p − log q) = p/q
  const logs = [], rest = [];
  for (const t of terms(a)) {
    if (t.op === "log") logs.push(t.args[0]);
    else if (t.op === "neg" && t.args[0].op === "log") logs.push(inv(t.args[0].args[0]));
    else rest.push(t);
  }
  if (!logs.length) return node("exp", [a]);
  return mul([...logs, ...(rest.length ? [node("exp", [add(rest)])] : [])]);
}

function linear(op, body, from) {
  const parts = terms(body);
  if (parts.length > 1) return add(parts.map((p) => linear(op, p, from)));
  if (body.op === "neg") return neg(linear(op, body.args[0], from));
  return node(op, [body], from);
}

/** @returns {object} the multiplied-out form; the tree itself when it is too large to be worth it */
export function expand(n) {
  if (!n.args.length || n.op === "sub") return n;
  const args = n.args.map(expand);
  switch (n.op) {
    case "add": return add(args);
    case "mul": return mul(args);
    case "neg": return add(terms(args[0]).map(neg));
    case "inv": return inv(args[0]);
    case "log": return log(args[0]);
    case "exp": return exp(args[0]);
    case "sum": case "mean": return linear(n.op, args[0], n);
    case "prod": return exp(linear("sum", log(args[0]), n));
    case "sigmoid": return inv(add([ONE, exp(add(terms(args[0]).map(neg)))]));
    case "swish": return args.length === 1 ? mul([args[0], inv(add([ONE, exp(neg(args[0]))]))]) : node(n.op, args, n);
    case "softmax": {
      if (args.length !== 1) return node(n.op, args, n);
      const e = exp(args[0]);
      return mul([e, inv({ op: "sum", args: [e], bound: [] })]);
    }
    case "relu": return node("max", [{ op: "num", args: [], name: "0" }, ...args]);
    case "pow":
      if (args[1]?.op === "num" && args[1].name === "2" && args[0].op === "add" && args[0].args.length <= 3) return mul([args[0], args[0]]);
      return node("pow", args);
    default: return node(n.op, args, n);
  }
}

/** Whether expanding is worth it. */
export const small = (n) => size(n) <= 140;
