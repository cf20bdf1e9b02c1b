/** The search by names and meanings: MiniSearch with Chinese in overlapping pairs. */
import { Channel } from "./channel.js";
import { MiniSearch } from "./deps.js";
import { HAN, letterBits, nearest } from "./query.js";
import { alike, BOTH, GENERIC, STOP, SYNONYMS } from "./synonyms.js";

const BOOST = { title: 3, en: 2.4, words: 1.6, place: 1.6, aliases: 1.65, asked: 3.5 };
/** What the evidence weighs; tuned on queries-dev, dev2, dev3, site to site7, and by leaving out each alias of the site and asking for it. */
export const TEXT = { exact: 0.5, synonym: 1, translated: 0.8, spread: 5, lone: 0.4, phrase: 1.1, length: 0.3, curve: 0.3, generic: 0.3, answered: 0.55, unknown: 0.8, word: 1.5, literal: 0.3, among: 40, char: 0.1, both: 0.5, covered: 0.85 };

/** British and American, one and many: one stem. */
function stem(word) {
  let w = word.replace(/is(ation|ations|ed|er|ing|e)$/, "iz$1").replace(/ll(ing|ed)$/, "l$1").replace(/our$/, "or");
  if (w.length > 4) w = w.replace(/(ations?|ing|ed|es|s|er)$/, (end) => (end === "s" && /ss$/.test(w) ? end : ""));
  return w.length < 2 ? word : w;
}

/** Runs of Han characters, and other words with what joins their parts. */
const runsOf = (text) => text.match(/\p{Script=Han}+|[\p{Script=Latin}\d][\p{Script=Latin}\d\-–_/@]*/gu) ?? [];

/** Those of a name: one spelling for words that are alike, without its formulas. */
const named = (text) => runsOf(alike(String(text)).replace(/\$[^$]*\$/g, " "));

/** The parts that case or a hyphen shows. */
const partsOf = (word) => word.split(/[-–_/@]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})/).filter(Boolean);

/** Latin words: as one, and in their parts. */
function latin(word) {
  const parts = partsOf(word);
  const whole = word.replace(/[-–_/@]/g, "").toLowerCase();
  const out = [stem(whole)];
  if (parts.length > 1) for (const p of parts) if (p.length > 1) out.push(stem(p.toLowerCase()));
  return out;
}

/** Han characters: pairs; single ones too, and pairs with one left out (a wrong character spoils two pairs, not these). */
function han(run, singles, gaps) {
  const chars = [...run], out = [];
  if (chars.length === 1 || singles) out.push(...chars);
  for (let i = 0; i + 1 < chars.length; i++) out.push(chars[i] + chars[i + 1]);
  if (gaps) for (let i = 0; i + 2 < chars.length; i++) out.push(`${chars[i]}·${chars[i + 2]}`);
  return out;
}

/** @returns {string[]} */
function pieces(text, singles, gaps) {
  const out = [];
  for (const run of named(text)) out.push(...(HAN.test(run) ? han(run, singles, gaps) : latin(run)));
  return out;
}

/** The smallest that says something: characters and their pairs, stems and any three letters of a word. @returns {Map<string, number>} all of one weight */
function fragments(text) {
  const out = new Map();
  for (const run of named(text)) {
    if (HAN.test(run)) { for (const t of han(run, true, false)) out.set(t, 1); continue; }
    for (const part of partsOf(run)) {
      const word = part.toLowerCase(), framed = `^${word}$`;
      out.set(stem(word), 1);
      for (let i = 0; i + 3 <= framed.length; i++) out.set(`…${framed.slice(i, i + 3)}`, 1);
    }
  }
  return out;
}

/** @returns {string[]} */
export function terms(text, loose = false) {
  return [...pieces(text, loose, loose), ...joined(text)];
}

/** "layer norm" is also "layernorm". */
function joined(text) {
  const words = [...String(text).matchAll(/[A-Za-z\d]+/g)].map((m) => m[0].toLowerCase()), out = [];
  for (let i = 0; i + 1 < words.length; i++) if (words[i].length > 1 && words[i + 1].length > 1) out.push(stem(words[i] + words[i + 1]));
  return out;
}

/** English word, as its stem → the Chinese words for it. */
const MEANS = new Map();
for (const line of BOTH) for (const word of line) if (!HAN.test(word)) MEANS.set(stem(word), [...(MEANS.get(stem(word)) ?? []), ...line.filter((w) => HAN.test(w))]);

/** Words of learners' phrases, so that they can be put right too. */
const PHRASE_WORDS = new Set(SYNONYMS.flatMap(([phrase]) => phrase.match(/[a-z]{4,}/g) ?? []));

/** Scaled Dot-Product Attention → SDPA. */
function acronym(name) {
  const words = String(name ?? "").replace(/\([^)]*\)/g, " ").match(/[A-Za-z]+/g) ?? [];
  const letters = words.filter((w) => !/^(of|the|in|and|with|for|a|to|per|as|by|loss|model|score|objective|update|schedule|function|estimator|form)$/i.test(w)).map((w) => w[0]).join("");
  return letters.length >= 3 ? letters.toUpperCase() : "";
}

/** How much a phrase says: three letters are about one character. */
const weigh = (phrase) => phrase.replace(/[a-z]{3}/g, "a").length;

/** A name without spaces, case and signs. */
const squeeze = (text) => alike(String(text)).toLowerCase().replace(/[\s\-–_()（）,，.。?？!！、/]/g, "");

const titlesOf = (f) => [f.title, f.en].filter(Boolean);
const namesOf = (f) => [...titlesOf(f), ...(f.aliases ?? [])].filter(Boolean);
const placeOf = (f) => [f.heading, f.section, typeof f.page === "string" ? f.page.replace(/[/-]/g, " ") : ""].filter(Boolean).join(" \n ");
const piecesOf = (name) => new Set(terms(String(name).replace(STOP, " ")));

export class TextIndex {
  constructor(formulas) {
    const processTerm = (term) => term;
    this.engine = new MiniSearch({
      fields: ["title", "en"],
      tokenize: (text, field) => terms(text, field === "title"),
      processTerm,
    });
    // with the rest the index takes three times as long to make: it comes later
    this.later = new MiniSearch({ fields: ["aliases", "asked", "words", "place"], tokenize: (text, field) => (field === "asked" ? pieces(text, false, false) : terms(text, field === "aliases")), processTerm });
    this.vocabulary = new Set();
    this.names = [];
    this.byName = new Map();
    this.df = new Map();
    this.formulas = formulas;
    this.titles = formulas.map((f) => squeeze(f.title ?? ""));
    const add = [];
    formulas.forEach((f, id) => {
      if (!f.title && !f.en && !f.aliases?.length && !f.context) return;
      add.push({ id, title: f.title ?? "", en: [f.en, acronym(f.en)].filter(Boolean).join(" \n ") });
      this.call(id, titlesOf(f), []);
      this.know(acronym(f.en));
      for (const w of `${f.context ?? ""} ${placeOf(f)}`.matchAll(/[A-Za-z]{3,}/g)) this.vocabulary.add(stem(w[0].toLowerCase()));
    });
    this.engine.addAll(add);
    this.count = add.length;
    this.said = new Channel(formulas.length);
    this.learnt = 0;
    this.forget();
  }

  /** The other names of a formula, what it means and where it stands, and what else people type who look for it. */
  learn(id, asked) {
    const f = this.formulas[id], aliases = f.aliases ?? [];
    this.call(id, aliases, titlesOf(f));
    this.later.add({ id, aliases: aliases.join(" \n "), asked, words: f.context ?? "", place: placeOf(f) });
    this.said.add(id, fragments([...namesOf(f), f.context, f.heading, asked].join(" \n ")));
    this.know(asked);
    if (++this.learnt < this.formulas.length) return;
    this.said.close();
    this.forget();
  }

  /** Names of a formula, beside those that it had. */
  call(id, names, had) {
    const known = new Set(had.flatMap((name) => [...piecesOf(name)]));
    for (const t of new Set(names.flatMap((name) => [...piecesOf(name)]))) if (!known.has(t)) this.df.set(t, (this.df.get(t) ?? 0) + 1);
    for (const name of names) {
      this.know(name);
      for (const t of joined(name)) this.vocabulary.add(t);
      const short = squeeze(name);
      (this.names[id] ??= []).push(short);
      this.byName.set(short, [...(this.byName.get(short) ?? []), id]);
    }
  }

  /** What was made of fewer names. */
  forget() {
    this.called = this.names.flat().join("\n");
    this.pieces = [];
    this.bags = [];
  }

  know(text) {
    for (const w of text.matchAll(/[A-Za-z\d]+(-[A-Za-z\d]+)*/g)) {
      for (const t of latin(w[0])) this.vocabulary.add(t);
      this.vocabulary.add(w[0].toLowerCase());
    }
    this.longWords = this.longLetters = null;
  }

  /** Of the words long enough to be put right when they are misspelt the nearest, or null. */
  nearestLong(word, limit) {
    this.longWords ??= [...this.vocabulary].filter((w) => w.length > 3);
    this.longLetters ??= Int32Array.from(this.longWords, letterBits);
    return nearest(word, this.longWords, limit, this.longLetters);
  }

  /** What both indexes find, as one would: it multiplies what the fields score by how many of the words it met. @returns {[number, number][]} place and score, the best first */
  find(words, options) {
    const sums = new Map(), met = new Map();
    for (const engine of [this.engine, this.later]) {
      for (const { id, score, queryTerms } of engine.search(words.join("\n"), options)) {
        sums.set(id, (sums.get(id) ?? 0) + score / queryTerms.length);
        met.set(id, new Set([...(met.get(id) ?? []), ...queryTerms]));
      }
    }
    return [...sums].map(([id, sum]) => [id, sum * met.get(id).size]).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  }

  /** The formulas that are called exactly this. @returns {number[]} */
  calledThis(text) { return this.byName.get(squeeze(text)) ?? []; }

  rarity(t) { return this.df.has(t) ? (/[a-z]/.test(t) ? TEXT.word : 1) * Math.log(1 + this.count / this.df.get(t)) : 0; }

  /** How much of the names of a formula another has too: 0…1. */
  shared(a, b) {
    const mine = this.bag(a), theirs = this.bag(b);
    let both = 0;
    for (const [t, rarity] of mine) if (theirs.has(t)) both += rarity;
    return both && both / mine.total;
  }

  bag(id) {
    if (!this.bags[id]) {
      const bag = (this.bags[id] = new Map(this.own(id).flatMap((name) => [...name]).map((t) => [t, this.rarity(t)])));
      bag.total = [...bag.values()].reduce((sum, rarity) => sum + rarity, 0);
    }
    return this.bags[id];
  }

  /** The pieces of each name; made when first wanted, since a large collection has many. */
  own(id) {
    return (this.pieces[id] ??= namesOf(this.formulas[id]).map(piecesOf));
  }

  /** What of the query one name of the formula answers to is worth. @param {[string, number][]} asked */
  answered(id, asked) {
    let best = 0;
    for (const name of this.own(id)) {
      let got = 0;
      for (const [t, worth] of asked) if (name.has(t)) got += worth;
      best = Math.max(best, got);
    }
    return best;
  }

  /**
   * @param {string} text words of the query
   * @param {boolean} program they are names in a program: what they mean elsewhere says little
   * @returns {Map<number, number>} place of the formula → score in 0…1; fit: how much of the query one of the best has; unheard: its words that no formula has
   */
  search(text, program = false) {
    text = this.spelt(alike(text));
    const stripped = text.replace(STOP, " ").trim() || text;
    const groups = this.groups(text, stripped, program);
    const sums = new Map();
    for (const group of groups) {
      const words = [...group.keys()];
      const found = this.find(words, {
        tokenize: () => words,
        boost: BOOST,
        combineWith: "OR",
        bm25: { k: 1.2, b: TEXT.length, d: 0.5 },
        prefix: (term) => group.open === term && /^[a-z\d]{2,}$/.test(term),
        boostTerm: (term) => group.get(term) ?? 1,
        weights: { fuzzy: 0.3, prefix: 0.6 },
      });
      if (!found.length) continue;
      const best = found[0][1];
      // a group that few formulas answer to says more than one that many do
      const rare = Math.log(1 + this.count / (1 + found.filter(([, score]) => score > best / 2).length));
      for (const [id, score] of found) sums.set(id, (sums.get(id) ?? 0) + rare * group.weight * (score / best) ** TEXT.curve);
    }
    const name = squeeze(stripped), typed = squeeze(text);
    // a name that begins several titles is a subject: its formulas come before one that has it as an alias
    const subject = name.length > 2 && this.titles.filter((title) => title.startsWith(name)).length > 1;
    const best = Math.max(...sums.values(), 1e-9);
    const asked = [...new Set(terms(stripped))].map((t) => [t, this.rarity(t)]);
    const most = Math.log(1 + this.count);
    // a piece that no name has may be a slip of the pen
    const total = asked.reduce((sum, [, worth]) => sum + (worth || TEXT.unknown * most), 0);
    const out = new Map();
    // How much of the query's fragments a formula has somewhere: in its names, its meaning, the ways to ask for it.
    // Without it fewer of what nobody foresaw comes first: on site3-blind .85 instead of .90 of the names, .78 instead of .85 of the others.
    const covered = new Map();
    this.said.score(fragments(text), 0, (id, share) => {
      covered.set(id, share);
      if (share > 0.3 && !sums.has(id)) sums.set(id, 0);
    });
    const least = [...sums.values()].sort((a, b) => b - a)[TEXT.among] ?? 0;
    for (const [id, score] of sums) {
      const answered = score > least ? TEXT.answered * Math.min(1, this.answered(id, asked) / total) ** 2 : 0;
      out.set(id, score / best + TEXT.covered * (covered.get(id) ?? 0) + Math.max(TEXT.exact * this.exact(id, name, typed, subject), answered));
    }
    const top = Math.max(...out.values(), 1e-9);
    out.fit = 0;
    for (const [id, score] of out) {
      out.set(id, score / top);
      if (score > 0.9 * top) out.fit = Math.max(out.fit, covered.get(id) ?? 0);
    }
    // A phrase that learners use stands for other words, half a word for the whole; and before all names are learnt nobody can say that a query has none.
    const all = this.learnt === this.formulas.length;
    if (groups.phrases || groups.begun || !all || this.byName.has(typed)) out.fit = 1;
    out.unheard = all ? groups.unheard : [];
    return out;
  }

  /** Misspelt words as the phrases and the names spell them. */
  spelt(text) {
    return text.replace(/[A-Za-z]{5,}/g, (word) => {
      const low = word.toLowerCase();
      if (this.vocabulary.has(stem(low)) || this.vocabulary.has(low) || PHRASE_WORDS.has(low)) return word;
      return nearest(low, PHRASE_WORDS, low.length > 6 ? 2 : 1) ?? this.nearestLong(low, low.length > 8 ? 2 : 1) ?? word;
    });
  }

  /**
   * The things a query speaks of: each word, each run of Han characters, each phrase that learners
   * use together with the words of the field for it. Within a group more is better, but a formula
   * must answer to all groups to come first.
   * @returns {Map<string, number>[]} term → weight
   */
  groups(text, stripped, program) {
    const out = [];
    const group = (list, weight) => {
      const made = new Map();
      for (const [term, w] of list) made.set(term, Math.max(made.get(term) ?? 0, w));
      if (!made.size) return;
      made.weight = weight;
      out.push(made);
    };
    let rest = text;
    const lines = new Map();
    for (const [phrase, words] of SYNONYMS) {
      const at = rest.toLowerCase().indexOf(phrase);
      // Latin phrases only as whole words: "base" is not in "database"
      if (at < 0 || (/^[a-z]/.test(phrase) && /[a-z]/i.test(rest[at - 1] ?? "")) || (/[a-z]$/.test(phrase) && /[a-z]/i.test(rest[at + phrase.length] ?? ""))) continue;
      // a shorter phrase inside this one says nothing new
      rest = `${rest.slice(0, at)} ${rest.slice(at + phrase.length)}`;
      lines.set(words, [...(lines.get(words) ?? []), phrase]);
    }
    out.phrases = lines.size;
    out.unheard = [];
    for (const [words, typed] of lines) {
      const more = words.split(" ").flatMap((w) => terms(w));
      // what some formula is called needs no translation
      const literal = typed.some((p) => this.called.includes(squeeze(p)));
      const each = (literal ? TEXT.literal : TEXT.synonym) * Math.min(1, TEXT.spread / more.length);
      group([...typed.flatMap((p) => terms(p)).map((t) => [t, literal ? 1 : TEXT.translated]), ...more.map((t) => [t, each])], TEXT.phrase * Math.min(1.5, 0.7 + 0.1 * Math.max(...typed.map(weigh)))); // a longer phrase says more exactly what is meant
    }
    const last = /([A-Za-z\d]+)\s*$/.exec(text)?.[1]?.toLowerCase();
    const left = rest.replace(STOP, " ").trim() || (lines.size ? "" : stripped);
    const runs = runsOf(left);
    for (const run of runs) {
      if (HAN.test(run)) {
        const chars = [...run];
        const list = han(run, true, true).map((t) => [t, t.includes("·") ? 0.3 : t.length > 1 || chars.length === 1 ? 1 : TEXT.char]);
        group(list, chars.length === 1 ? TEXT.lone : GENERIC.has(run) ? TEXT.generic : 1);
        continue;
      }
      const list = [];
      for (const term of latin(run)) {
        if (!program) for (const w of MEANS.get(term) ?? []) for (const t of terms(w)) list.push([t, TEXT.both]);
        list.push([term, this.vocabulary.has(term) ? 1 : 0.6]);
      }
      group(list, run.length === 1 ? TEXT.lone : 1);
      const low = run.toLowerCase(), known = latin(run).some((term) => this.vocabulary.has(term) || MEANS.has(term));
      // half a word may still become one
      const begun = !known && [...this.vocabulary].some((w) => w.startsWith(low));
      if (/^[A-Za-z]{3}/.test(run) && !known && !begun) out.unheard.push(run);
      if (low === last) {
        out[out.length - 1].open = stem(last);
        out.begun = begun;
      }
    }
    // of many words one may be missing
    if (3 * out.unheard.length < runs.length) out.unheard = [];
    return out;
  }

  /** How nearly the words are a name of the formula: 1 its title, less for a beginning, an alias; least where it is part of the words. */
  exact(id, name, typed, subject) {
    if (name.length < 2) return 0;
    let best = 0;
    this.names[id].forEach((own, i) => {
      const whole = i === 0 ? 1 : 0.8;
      if (own === name || own === typed) best = Math.max(best, i < 2 ? 2.2 : 2);
      else if (own.startsWith(name)) best = Math.max(best, (subject && i === 0 ? 1.25 : whole) - 0.1 - 0.1 * (1 - name.length / own.length));
      else if (own.length > 2 && name.includes(own)) best = Math.max(best, 0.45 * (own.length / name.length));
    });
    return best;
  }
}
