/** The search by names and meanings: MiniSearch with Chinese in overlapping pairs. */
import { MiniSearch } from "./deps.js";
import { nearest } from "./query.js";
import { STOP, SYNONYMS } from "./synonyms.js";

const BOOST = { title: 3, en: 2.2, aliases: 2.6, words: 1.8 };
/** What the evidence weighs; tuned on queries-dev and queries-dev2. */
export const TEXT = { exact: 0.9, synonym: 1, translated: 0.5, spread: 6 };

/** British and American, one and many: one stem. */
function stem(word) {
  let w = word.replace(/is(ation|ations|ed|er|ing|e)$/, "iz$1").replace(/ll(ing|ed)$/, "l$1").replace(/our$/, "or");
  if (w.length > 4) w = w.replace(/(ations?|ing|ed|es|s|er)$/, (end) => (end === "s" && /ss$/.test(w) ? end : ""));
  return w.length < 2 ? word : w;
}

/** Latin words: as one, in the parts that case or a hyphen shows. */
function latin(word) {
  const parts = word.split(/[-–_/@]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})/).filter(Boolean);
  const whole = word.replace(/[-–_/@]/g, "").toLowerCase();
  const out = [stem(whole)];
  if (parts.length > 1) for (const p of parts) if (p.length > 1) out.push(stem(p.toLowerCase()));
  return out;
}

/** Han characters: pairs, and pairs with one left out (a wrong character spoils two pairs, not these). */
function han(run, loose) {
  const chars = [...run], out = [];
  if (chars.length === 1 || loose) out.push(...chars);
  for (let i = 0; i + 1 < chars.length; i++) out.push(chars[i] + chars[i + 1]);
  if (loose) for (let i = 0; i + 2 < chars.length; i++) out.push(`${chars[i]}·${chars[i + 2]}`);
  return out;
}

/** @returns {string[]} */
export function terms(text, loose = false) {
  const out = [];
  for (const m of String(text).replace(/\$[^$]*\$/g, " ").matchAll(/\p{Script=Han}+|[\p{Script=Latin}\d][\p{Script=Latin}\d\-–_/@]*/gu)) {
    if (/\p{Script=Han}/u.test(m[0])) out.push(...han(m[0], loose));
    else out.push(...latin(m[0]));
  }
  // "layer norm" is also "layernorm"
  const words = [...String(text).matchAll(/[A-Za-z\d]+/g)].map((m) => m[0].toLowerCase());
  for (let i = 0; i + 1 < words.length; i++) if (words[i].length > 1 && words[i + 1].length > 1) out.push(stem(words[i] + words[i + 1]));
  return out;
}

/** A name without spaces, case and signs. */
const squeeze = (text) => String(text).toLowerCase().replace(/[\s\-–_()（）,，.。?？!！、/]/g, "");

export class TextIndex {
  constructor(formulas) {
    this.engine = new MiniSearch({
      fields: Object.keys(BOOST),
      tokenize: (text, field) => terms(text, field === "title" || field === "aliases"),
      processTerm: (term) => term,
    });
    this.vocabulary = new Set();
    this.names = [];
    const add = [];
    formulas.forEach((f, id) => {
      if (!f.title && !f.en && !f.aliases?.length && !f.context) return;
      const doc = {
        id,
        title: f.title ?? "",
        en: f.en ?? "",
        aliases: (f.aliases ?? []).join(" \n "),
        words: [f.context, f.meaning, f.section, typeof f.page === "string" ? f.page.replace(/[/-]/g, " ") : ""].filter(Boolean).join(" \n "),
      };
      add.push(doc);
      this.names[id] = [f.title, f.en, ...(f.aliases ?? [])].filter(Boolean).map(squeeze);
      for (const field of ["title", "en", "aliases"]) for (const w of doc[field].matchAll(/[A-Za-z\d]+(-[A-Za-z\d]+)*/g)) {
        for (const t of latin(w[0])) this.vocabulary.add(t);
        this.vocabulary.add(w[0].toLowerCase());
      }
      for (const w of doc.words.matchAll(/[A-Za-z]{3,}/g)) this.vocabulary.add(stem(w[0].toLowerCase()));
    });
    this.engine.addAll(add);
    this.long = [...this.vocabulary].filter((w) => w.length > 3);
  }

  /**
   * @param {string} text words of the query
   * @returns {Map<number, number>} place of the formula → score in 0…1
   */
  search(text) {
    const low = text.toLowerCase();
    const weight = new Map();
    const put = (term, w) => weight.set(term, Math.max(weight.get(term) ?? 0, w));
    const stripped = text.replace(STOP, " ");
    const asked = terms(stripped.trim() ? stripped : text, true);
    for (const term of asked) {
      if (/^[a-z\d]+$/.test(term)) {
        if (this.vocabulary.has(term)) put(term, 1);
        else {
          put(term, 0.6);
          const near = term.length > 3 ? nearest(term, this.long, term.length > 6 ? 2 : 1) : null;
          if (near) put(near, 0.85);
        }
      } else put(term, term.length === 1 ? (stripped.trim().length === 1 ? 1 : 0.12) : term.includes("·") ? 0.3 : 1);
    }
    let rest = low, translated = "";
    const more = [];
    for (const [phrase, words] of SYNONYMS) {
      if (!rest.includes(phrase)) continue;
      rest = rest.replaceAll(phrase, " "); // a shorter phrase inside it says nothing new
      translated += ` ${phrase}`;
      more.push(terms(words));
    }
    // a phrase that has been put into the words of the field counts less as it was typed
    const left = new Set(terms(rest, true));
    for (const term of terms(translated, true)) if (weight.has(term) && !left.has(term)) weight.set(term, weight.get(term) * TEXT.translated);
    for (const list of more) {
      const each = TEXT.synonym * Math.min(1, TEXT.spread / list.length);
      for (const term of list) put(term, each);
    }
    if (!weight.size) return new Map();
    const words = [...weight.keys()];
    const last = asked[asked.length - 1] ?? "";
    const found = this.engine.search(words.join("\n"), {
      tokenize: () => words,
      boost: BOOST,
      combineWith: "OR",
      prefix: (term) => term === last && /^[a-z\d]{2,}$/.test(term),
      boostTerm: (term) => weight.get(term) ?? 1,
      weights: { fuzzy: 0.3, prefix: 0.6 },
    });
    const out = new Map();
    const best = found[0]?.score ?? 0;
    const name = squeeze(stripped.trim() ? stripped : text);
    for (const { id, score } of found) out.set(id, score / best + TEXT.exact * this.exact(id, name));
    const top = Math.max(...out.values(), 1e-9);
    for (const [id, score] of out) out.set(id, score / top);
    return out;
  }

  /** How nearly the words are a name of the formula: 1 its title, less for a beginning, an alias, a part. */
  exact(id, name) {
    if (name.length < 2) return 0;
    let best = 0;
    this.names[id].forEach((own, i) => {
      const whole = i === 0 ? 1 : 0.8;
      if (own === name) best = Math.max(best, whole);
      else if (own.startsWith(name)) best = Math.max(best, whole - 0.1 - 0.1 * (1 - name.length / own.length));
      else if (own.includes(name)) best = Math.max(best, 0.5 + 0.1 * (name.length / own.length));
      else if (own.length > 2 && name.includes(own)) best = Math.max(best, 0.25 + 0.5 * (own.length / name.length));
    });
    return best;
  }
}
