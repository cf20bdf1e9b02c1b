/** An inverted index of features, and the share of a query that each formula has. */

/** 31 bits drawn from a text. Features are kept by this number: a hundred thousand formulas have millions of them. */
export function code(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  h ^= h >>> 15; h = Math.imul(h, 2246822519); h ^= h >>> 13; h = Math.imul(h, 3266489917); h ^= h >>> 16;
  return h >>> 1; // 31 bits stay a small integer
}

/** Postings of one channel: feature → places of formulas, with how rare a feature is. */
export class Channel {
  /** @param {number} count of formulas */
  constructor(count) { this.count = count; this.postings = new Map(); this.own = []; }

  /** Each place once. @param {Map<string, number>} features feature → weight of its class */
  add(place, features) {
    const codes = new Int32Array(features.size), weights = new Uint8Array(features.size);
    let i = 0;
    for (const [name, weight] of features) {
      const c = code(name);
      codes[i] = c;
      weights[i++] = weight * 100;
      const list = this.postings.get(c);
      // most features occur once: a number is kept, not a list of one
      if (list === undefined) this.postings.set(c, place);
      else if (typeof list === "number") this.postings.set(c, [list, place]);
      else list.push(place);
    }
    this.own[place] = { codes, weights };
  }

  /** Once all are in: the weight of every formula. */
  close() {
    this.sizes = Float32Array.from(this.own, ({ codes, weights }) => {
      let total = 0;
      for (let i = 0; i < codes.length; i++) total += (weights[i] / 100) * this.idf(this.postings.get(codes[i]));
      return total;
    });
    this.own = null;
  }

  idf(list) {
    const df = list === undefined ? 0 : typeof list === "number" ? 1 : list.length;
    return Math.log(1 + (this.count - df + 0.5) / (df + 0.5));
  }

  /**
   * Share of the query that each formula has, with a little for the share of the formula that was asked for.
   * @param {number} back how much that little is; above 0 only once closed
   * @param {(place: number, score: number) => void} give
   */
  score(features, back, give) {
    const sums = (this.sums ??= new Float64Array(this.count));
    const touched = [];
    let total = 0;
    const add = (place, w) => {
      if (sums[place] === 0) touched.push(place);
      sums[place] += w;
    };
    for (const [name, weight] of features) {
      const list = this.postings.get(code(name));
      const w = weight * this.idf(list);
      total += w;
      if (list === undefined) continue;
      if (typeof list === "number") { add(list, w); continue; }
      // what half the collection has tells nothing, and costs most
      if (list.length > 2000 && list.length > this.count / 3) continue;
      for (const place of list) add(place, w);
    }
    for (const place of touched) {
      const sum = sums[place];
      sums[place] = 0;
      give(place, (1 - back) * (sum / total) + back * Math.min(1, sum / (this.sizes?.[place] || 1)));
    }
  }
}
