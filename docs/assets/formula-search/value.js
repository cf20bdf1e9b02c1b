/**
 * What a tree is worth when every variable has a fixed odd number: two trees that are equal by
 * algebra (log a − log b and log(a/b), a factor moved, a sum multiplied out) get the same number.
 * Sums and means over an index are unknown linear maps, unknown functions a number drawn from
 * their name and their arguments' values; matrix products count as commutative.
 */
import { code } from "./channel.js";
import { key } from "./tree.js";

/** A number in (0.3, 2.1) drawn from a text. */
const draw = (text) => 0.3 + (1.8 * code(text)) / 2147483648;

const SUM = draw("Σ"), MEAN = draw("E"), INT = draw("∫");

/** Nine digits: far above rounding error, far below what chance would make equal. */
export const digits = (x) => (Number.isFinite(x) ? x.toPrecision(9) : "∞");

const safeLog = (x) => (x === 0 ? -50 : Math.log(Math.abs(x)));

function power(a, b) {
  if (Number.isInteger(b) && Math.abs(b) < 64) return a ** b;
  return Math.abs(a) ** b;
}

/**
 * @param {import("./tree.js").Node} n
 * @param {Map<string, number>} [known] values given to some sub-trees, by key
 * @param {string[]} [bound] indices of the sums around
 */
export function value(n, known, bound = []) {
  if (known?.size) {
    const fixed = known.get(key(n));
    if (fixed !== undefined) return fixed;
  }
  if (!n.args.length && n.op !== "v" && n.op !== "num") return draw(n.op); // a function named but not applied
  const of = (i) => (n.args[i] ? value(n.args[i], known, bound) : draw(n.op));
  const all = () => n.args.map((a) => value(a, known, bound));
  switch (n.op) {
    case "num": return Number(n.name);
    case "v": {
      if (n.name === "π" || n.name === "e") return n.name === "π" ? Math.PI : Math.E;
      const depth = bound.lastIndexOf(n.name);
      return draw(depth < 0 ? n.name : `#${depth}`);
    }
    case "sub": return draw(`${n.args[0].name ?? key(n.args[0])}_${n.args.slice(1).map((a) => indexKey(a, bound)).join()}`);
    case "add": return all().reduce((a, b) => a + b, 0);
    case "mul": return all().reduce((a, b) => a * b, 1);
    case "neg": return -of(0);
    case "inv": { const a = of(0); return a === 0 ? 1e30 : 1 / a; }
    case "pow": return power(of(0), of(1));
    case "sqrt": return Math.sqrt(Math.abs(of(0)));
    case "exp": return Math.exp(Math.min(50, of(0)));
    case "log": return n.args.length ? safeLog(of(0)) : draw("log");
    case "sigmoid": return 1 / (1 + Math.exp(-of(0)));
    case "swish": { const a = of(0); return a / (1 + Math.exp(-a)); }
    case "softplus": return Math.log1p(Math.exp(of(0)));
    case "tanh": return n.args.length ? Math.tanh(of(0)) : draw("tanh");
    case "logsumexp": case "lse": return safeLog(SUM * Math.exp(of(0)));
    case "T": return of(0);
    case "sum": return n.args.length ? SUM * value(n.args[0], known, [...bound, ...boundOf(n)]) : SUM;
    case "mean": return n.args.length ? MEAN * value(n.args[0], known, [...bound, ...boundOf(n)]) : MEAN;
    case "int": return n.args.length ? INT * of(0) : INT;
    case "prod": return n.args.length ? Math.exp(SUM * safeLog(value(n.args[0], known, [...bound, ...boundOf(n)]))) : draw("∏");
    case "relu": return draw(`max ${[0, ...all()].map(digits).sort()}`);
    case "max": case "min": case "dist": return draw(`${n.op} ${all().map(digits).sort()}`);
    default: return draw(`${n.op} ${all().map(digits)}`);
  }
}

const boundOf = (n) => (n.bound?.length ? n.bound.slice(0, 2) : undeclared(n));

/** Σ without a limit runs over the index that its terms carry. */
function undeclared(n) {
  const found = new Set();
  const visit = (m) => {
    if (m.op === "sub") for (const i of m.args.slice(1)) if (i.op === "v" && /^[ijklmnt]$/.test(i.name)) found.add(i.name);
    m.args.forEach(visit);
  };
  visit(n.args[0]);
  return found.size === 1 ? [...found] : [];
}

function indexKey(n, bound) {
  if (n.op === "v") {
    const depth = bound.lastIndexOf(n.name);
    return depth < 0 ? n.name : `#${depth}`;
  }
  if (!n.args.length) return n.name ?? n.op;
  const parts = n.args.map((a) => indexKey(a, bound));
  return `${n.op}(${(n.op === "add" || n.op === "mul" ? parts.sort() : parts).join()})`;
}

const scale = (a, b) => Math.abs(a) + Math.abs(b) + 1e-9;

/**
 * Whether an equation of the query follows from one of the corpus: put the right side of the
 * known equation in place of its left, and see whether both sides of the query come out the same.
 */
export function follows(query, known) {
  const equations = (n) => (n.op === "list" ? n.args : [n]).filter((e) => e.op === "rel:=" && e.args.length >= 2);
  const asked = equations(query);
  if (!asked.length) return false;
  for (const eq of equations(known)) {
    for (const [left, right] of [[eq.args[0], eq.args[1]], [eq.args[eq.args.length - 1], eq.args[0]]]) {
      // one letter or one call can be solved for; 2x = y cannot be put in place of 2x everywhere
      for (const [name, by] of solutions(left, right)) {
        const id = key(name);
        if (!asked.every((q) => contains(q, id))) continue;
        const put = new Map([[id, value(by)]]);
        const holds = asked.every((q) => {
          const plain = value(q.args[0]) - value(q.args[1]);
          if (Math.abs(plain) < 1e-9) return false; // true of itself, says nothing
          const a = value(q.args[0], put), b = value(q.args[1], put);
          return Number.isFinite(a) && Math.abs(a) < 1e12 && Math.abs(a - b) < 1e-7 * scale(a, b);
        });
        if (holds) return true;
      }
    }
  }
  return false;
}

const isName = (n) => n.op === "v" || n.op === "sub" || n.op === "call";

function* solutions(left, right) {
  if (isName(left)) yield [left, right];
  // any function by its name is as good as a letter
  else if (left.args.length && !["add", "mul", "neg", "inv", "pow", "sqrt", "exp", "log", "sum", "mean", "prod", "list", "T"].includes(left.op)) yield [left, right];
}

function contains(n, id) {
  return key(n) === id || n.args.some((a) => contains(a, id));
}
