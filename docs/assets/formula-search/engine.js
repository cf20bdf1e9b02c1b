/** The index itself; index.js is the way in for everyone but the worker. */
import { align, prepare } from "./align.js";
import { Channel } from "./channel.js";
import { flat, grams, treeFeatures } from "./features.js";
import { collapse, expand, small } from "./normal.js";
import { parse } from "./parse.js";
import { makeLexicon, understand } from "./query.js";
import { terms, TextIndex } from "./text.js";
import { buildTree, key, learnWords, size } from "./tree.js";
import { digits, follows, value } from "./value.js";

export { isCode, readCodeWith } from "./query.js";

/** Candidates whose trees are laid over the query's (among many formulas more look alike at first), and the work that this may cost. */
const RERANK = 12, RERANK_OF_MANY = 28, MANY = 2000;
/** How many formulas the first look keeps. */
const KEEP = 200;
const WORK = 60000;
/**
 * Who is asked for a name of which the best formula has less than this has asked for something else: of 484 graded names and questions
 * that are answered rightly the least has .24; of a question longer than 16 characters more is filling. Of a few Chinese characters a name that is there has nearly all; and letters that no formula has side by side are a word.
 */
const FIT = { none: 0.2, long: 16, far: 0.35, short: 0.65, letters: 0.75 };
/** Only against a machine that stands still: what an answer is must not depend on the clock. */
const MILLISECONDS = 120;

/** What each kind of evidence weighs; tuned on queries-dev and queries-dev2. */
const WEIGHTS = { structure: 0.25, string: 0.25, share: 0.42, back: 0.08, top: 0.05, equal: 0.1, backFirst: 0.12, named: 0.15 };
/** The same for what was copied out of a PDF. */
const PASTED = { structure: 0.1, string: 0.5, share: 0.3 };

/** What being on the page of the best is worth, being next to it, having its names; up to which share of its score; how many are looked at. */
const KIN = { page: 0.15, near: 0.15, names: 0.4, most: 0.9, among: 60 };
const byScore = (a, b) => b[1] - a[1] || a[0] - b[0];

/** The TeX of a sign with its index: from its first leaf to its last, and the braces that these open. */
function written(node, tex) {
  const places = [];
  const visit = (n) => { if (n.at) places.push(...n.at); n.args.forEach(visit); };
  visit(node);
  if (!places.length) return "";
  let piece = tex.slice(Math.min(...places), Math.max(...places));
  for (let open = piece.split("{").length - piece.split("}").length; open > 0; open--) piece += "}";
  return piece;
}

const now = () => globalThis.performance?.now?.() ?? Date.now();

/** The best of many, in order. @param {Iterable<[number, number]>} scored place and score */
function best(scored, count) {
  const kept = [];
  for (const entry of scored) {
    if (kept.length === count && entry[1] <= kept[count - 1][1]) continue;
    let at = kept.length;
    while (at > 0 && kept[at - 1][1] < entry[1]) at--;
    kept.splice(at, 0, entry);
    if (kept.length > count) kept.pop();
  }
  return kept;
}

/** Everything the second look needs of a tree. */
function views(tree) {
  const plain = prepare(tree);
  const values = new Map();
  const all = plain.total;
  for (const { n, w } of [...plain.nodes].sort((a, b) => b.w - a.w)) {
    if (size(n) < 4 || size(n) > 140 || n.op === "list" || n.op.startsWith("rel:")) continue;
    const v = digits(value(n));
    if (!values.has(v)) values.set(v, w / all);
  }
  const coarse = collapse(tree);
  const expanded = small(tree) ? collapse(expand(tree)) : coarse;
  return { plain, values, coarse: prepare(coarse), wide: key(expanded) === key(coarse) ? null : prepare(expanded) };
}

class FormulaIndex {
  constructor(formulas, later) {
    this.formulas = formulas;
    const layouts = formulas.map((f) => {
      try { return parse(String(f.tex ?? "")); } catch { return []; }
    });
    this.words = learnWords(layouts);
    this.layouts = layouts;
    this.trees = [];
    this.text = new TextIndex(formulas);
    this.lexicon = makeLexicon(formulas, layouts, this.words, this.text.vocabulary);
    this.structure = new Channel(formulas.length);
    this.string = new Channel(formulas.length);
    this.read = 0;
    this.prepared = [];
    if (later) return;
    this.readAll();
    formulas.forEach((f, place) => this.text.learn(place, f.asked ?? ""));
  }

  tree(place) {
    const layout = this.layouts[place];
    return (this.trees[place] ??= layout?.length ? buildTree(layout, this.words) : null);
  }

  /** Takes in how some more formulas are built: half of the work of an index, which names do without. */
  readOn(count) {
    for (const end = Math.min(this.size, this.read + count); this.read < end; this.read++) {
      const layout = this.layouts[this.read], tree = this.tree(this.read), both = new Map();
      this.structure.add(this.read, tree ? treeFeatures(tree) : new Map());
      if (layout.length) for (const supFirst of [false, true]) for (const [g, w] of grams(flat(layout, supFirst))) both.set(g, w);
      this.string.add(this.read, both);
      this.layouts[this.read] = null;
      if (this.read + 1 === this.size) { this.structure.close(); this.string.close(); }
    }
  }

  readAll() { this.readOn(this.size); }

  /** The other names of a formula and other words for it, for an index that stands already. */
  learn(id, asked = "") { this.text.learn(this.placeOf(id), asked); }

  /** Makes one formula ready, as the first query that meets it would have to. */
  ready(id) {
    const place = this.placeOf(id);
    if (this.tree(place)) this.prepare(place);
    this.text.bag(place);
  }

  placeOf(id) {
    this.places ??= new Map(this.formulas.map((f, place) => [f.id, place]));
    return this.places.get(id);
  }

  /** Where the leaves of a formula stand in its TeX. @returns {[number, number][]} */
  spans(id) {
    const tree = this.tree(this.placeOf(id));
    const found = [];
    const visit = (n) => {
      if (n.at && (n.op === "v" || n.op === "num" || n.args.length)) found.push(n.at);
      n.args.forEach(visit);
    };
    if (tree) visit(tree);
    return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).filter((s, i, all) => !i || s[0] >= all[i - 1][1]);
  }

  get size() { return this.formulas.length; }

  prepare(place) {
    return (this.prepared[place] ??= views(this.tree(place)));
  }

  understand(query) { return understand(query ?? "", this.lexicon); }

  /**
   * @param {string} query
   * @param {{limit?: number, detail?: boolean}} [options] detail: also say what matched and what was renamed
   */
  search(query, { limit = 10, detail = false } = {}) {
    const { asked, hits } = this.find(query, limit);
    return detail ? hits.map((hit) => this.explain(asked, hit)) : hits;
  }

  /** @returns {{asked: object, hits: {id: string, score: number}[]}} the reading that has an answer, and the answer */
  find(query, limit) {
    const typed = String(query ?? "").trim();
    let asked = this.understand(query);
    let scores = this.rank(asked);
    if (asked.kind === "name") {
      asked.far = scores.fit < (/^\p{Script=Han}{2,6}$/u.test(typed) ? FIT.short : FIT.far);
      asked.unheard = scores.unheard;
      if (scores.fit < FIT.none * Math.min(1, FIT.long / typed.length)) scores = new Map();
    }
    if (!scores.size && !asked.tree && asked.text && !/[a-z]{4}|\p{Script=Han}/iu.test(query)) { // no such name: "ab" or "x y" may be letters of a formula
      const other = understand(query, this.lexicon, true);
      if (other.tree) [asked, scores] = [other, this.rank(other)];
    }
    // rope_theta and 4d^2 look like formulas, and are what some formula is called
    const called = asked.kind === "name" ? [] : this.text.calledThis(query);
    if (called.length) {
      const top = Math.max(0.5, ...scores.values());
      for (const place of called) scores.set(place, 1.1 * top + (scores.get(place) ?? 0));
      if (/^[\w\s-]+$/.test(query)) asked = { ...asked, kind: "name", tree: null, tex: "", text: "" };
    }
    const order = this.together(scores).slice(0, Math.max(0, Math.min(1000, Number(limit) || 10)));
    // GAN is a word that nobody here has, before it is G times A times N
    if (asked.kind === "formula" && /^[a-z]{3,}$/i.test(typed) && !(order[0]?.[1] > FIT.letters)) asked.unheard = [typed];
    return { asked, hits: order.map(([place, score]) => ({ id: this.formulas[place].id, score })) };
  }

  /** In order: after the best come, of those that fit alike, the ones on its page and the ones that share its names. */
  together(scores) {
    const list = [...scores].sort(byScore);
    if (!list.length) return list;
    const [first, most] = list[0];
    const { page } = this.formulas[first];
    const near = list.slice(1, KIN.among).map(([place, score]) => {
      const mate = page && this.formulas[place].page === page ? KIN.page + KIN.near / Math.abs(place - first) : 0;
      return [place, Math.max(score, Math.min(KIN.most * most, score + most * (mate + KIN.names * this.text.shared(first, place))))];
    });
    return [list[0], ...near.sort(byScore), ...list.slice(KIN.among)];
  }

  /** What of a formula matched, and what was renamed. */
  explain(asked, hit) {
    const place = this.placeOf(hit.id);
    if (!asked.tree || !this.tree(place)) return hit;
    const { renamed, spans, score } = align((asked.views ??= views(asked.tree)).plain, this.prepare(place).plain, true);
    const { tex } = this.formulas[place];
    return score > 0.25 ? { ...hit, renamed: renamed.map(([yours, here, whole]) => [yours, here, whole && written(whole, tex)].filter(Boolean)), spans } : hit;
  }

  /** @returns {Map<number, number>} place → score */
  rank(asked) {
    const formula = asked.tree || asked.flat ? this.rankFormula(asked) : new Map();
    if (asked.lines) for (const [place, s] of this.rankFormula(asked.lines)) if (s > (formula.get(place) ?? 0)) formula.set(place, s);
    const words = asked.text ? this.text.search(asked.text, asked.soft) : new Map();
    if (!formula.size) return words;
    if (!words.size) return formula;
    // names in a program support its formula; words beside a formula count as much as it
    const weight = asked.soft ? this.named(asked, Math.max(...formula.values())) : this.share(asked);
    const out = new Map();
    // a formula that nothing fits well is no reason to distrust the words
    const top = Math.max(0.75, ...formula.values());
    for (const [place, s] of formula) out.set(place, ((1 - weight) * s) / top);
    for (const [place, s] of words) out.set(place, (out.get(place) ?? 0) + weight * s ** 2);
    return out;
  }

  /** How much the names in a program count: more where it is short, and where no formula is built like it. */
  named(asked, fit) {
    return Math.max(asked.tree && size(asked.tree) < 7 ? 0.35 : 0.25, Math.min(0.5, 0.25 + 2.5 * (0.4 - fit)));
  }

  /** How much of a mixed query its words are. */
  share(asked) {
    const words = terms(asked.text.replace(/\s+/g, " ")).length, signs = asked.flat.length;
    return Math.min(0.7, Math.max(0.3, words / (words + signs / 3)));
  }

  rankFormula(asked) {
    this.readAll();
    const features = asked.tree ? treeFeatures(asked.tree) : new Map();
    // without scripts and bars the tree is a guess, the letters in their order are not
    const W = asked.pasted ? { ...WEIGHTS, ...PASTED } : WEIGHTS;
    // of a half-typed formula nobody knows yet how large the whole is
    const backFirst = asked.half ? 0.02 : W.backFirst;
    const all = new Map();
    const sum = W.structure + W.string;
    this.structure.score(features, backFirst, (place, s) => all.set(place, (W.structure / sum) * s));
    this.string.score(grams(asked.flat), backFirst, (place, s) => all.set(place, (all.get(place) ?? 0) + (W.string / sum) * s));
    // of two that fit alike, the one that has a name is what is looked for
    for (const [place, s] of all) if (this.text.names[place]) all.set(place, s + W.named);
    const first = new Map(best(all, KEEP));
    if (!asked.tree) return first;
    const candidates = [...first].slice(0, asked.few ? 5 : this.size > MANY ? RERANK_OF_MANY : RERANK);
    const mine = (asked.views ??= views(asked.tree));
    const back = asked.half ? 0.01 : W.back, top = asked.half ? 0 : W.top;
    const until = now() + MILLISECONDS;
    let work = 0;
    const out = new Map(first);
    for (const [place, s] of out) out.set(place, sum * s);
    // what even a perfect fit could add; a candidate that cannot reach the fifth place any more ends the look
    const most = W.share + back + top + W.equal;
    const leaders = [];
    for (const [place, s] of candidates) {
      if (!this.trees[place]) continue;
      if (work > WORK || now() > until) break;
      if (leaders.length >= 5 && sum * s + most < leaders[4]) break;
      const theirs = this.prepare(place);
      const laid = align(mine.plain, theirs.plain);
      work += laid.work;
      let share = laid.score;
      // the same by algebra, with the same names: the largest part of the query that has an equal in the formula
      let equal = 0;
      for (const [v, part] of mine.values) if (theirs.values.has(v)) { share = Math.max(share, 0.99 * part); equal = part; break; }
      // the same by algebra, under other names
      if (share < 0.9 && (mine.wide || theirs.wide)) {
        const other = align(mine.wide ?? mine.coarse, theirs.wide ?? theirs.coarse);
        work += other.work;
        share = Math.max(share, 0.93 * other.score);
      }
      let total = sum * s + W.share * share + back * laid.back + top * laid.top + (equal > 0.9 && mine.plain.total > 3 ? W.equal : 0);
      if (mine.plain.nodes.length < 60 && follows(asked.tree, this.trees[place])) total = Math.max(total, 0.55) + 0.4;
      out.set(place, total);
      leaders.push(total);
      leaders.sort((a, b) => b - a);
      leaders.length = Math.min(leaders.length, 5);
    }
    return out;
  }
}

/**
 * @param {{id: string, tex: string, title?: string, en?: string, aliases?: string[], page?: string, context?: string, asked?: string}[]} formulas
 * @param {boolean} later the caller has it learn each formula's other names when nobody waits
 */
export function createIndex(formulas, later = false) {
  return new FormulaIndex([...formulas], later);
}
