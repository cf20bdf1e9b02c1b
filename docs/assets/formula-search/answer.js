/** What the worker does with the formulas: find, and draw what was found. */
import { otherWords } from "./asked.js";
import { createIndex, isCode, readCodeWith } from "./engine.js";
import { html, nameTex, placed, prose, symbolRows } from "./render.js";

/** How many formulas are drawn ahead at most. */
const AHEAD = 2000;

/** A name of a variable, drawn; with its index where it has one. */
const sign = (name, whole) => ({ name, html: (whole ? html(whole) : null) ?? html(nameTex(name)) });

/**
 * @param {object[]} formulas
 * @param {() => Promise<object>} loadAsked their aliases and other words for them (asked.js), learnt while nobody waits
 * @param {() => void} learnt called when they are
 * @param {() => Promise<object>} loadDetails {id: {symbols: {TeX: meaning}, code}}, which few readers ask for
 * @returns {object} answers for worker.js
 */
export function answers(formulas, loadAsked, learnt, loadDetails) {
  const byId = new Map(formulas.map((f) => [f.id, f]));
  const shared = (id) => byId.get(id).same ?? id; // the name that all spellings of one formula share
  const spellings = new Map();
  for (const { id, same } of formulas) if (same) spellings.set(same, [...(spellings.get(same) ?? [same]), id]);
  const others = (id) => (spellings.get(shared(id)) ?? []).filter((other) => other !== id);
  const index = createIndex(formulas, true);
  const sent = new Set();
  const cards = new Map();
  let programs = null;
  let details = null;

  const urlOf = (f) => `${f.page}/#formula-${f.id}`;

  function cardOf(id) {
    if (cards.has(id)) return cards.get(id);
    const f = byId.get(id);
    const made = {
      id, title: f.title || f.en || f.tex, en: f.en && f.en !== f.title ? f.en : "", tex: f.tex, url: urlOf(f), cell: f.cell ? `notebooks/${f.page}/#code-${f.cell}` : "",
      math: placed(f.tex, index.spans(id)),
      meaning: prose(f.context), symbols: !!f.symbols, where: f.section ?? "", spellings: others(id).length,
    };
    cards.set(id, made);
    return made;
  }

  /** Does something for all, a few at a time, so that a keystroke finds the thread free. */
  const inSlices = (some, few, work) => new Promise((done) => {
    const next = (from) => {
      if (from >= some.length) { done(); return; }
      some.slice(from, from + few).forEach((f, i) => work(f, from + i));
      setTimeout(() => next(from + few), 15);
    };
    next(0);
  });

  async function ahead() {
    // without them the meanings are learnt all the same
    const more = await loadAsked().then((asked) => [asked.aliases, otherWords(asked, formulas.length)]).catch(() => [[], []]);
    await inSlices(formulas, 8, (f, i) => {
      f.aliases = more[0][i];
      index.learn(f.id, more[1][i]);
    });
    learnt();
    await inSlices(formulas, 8, () => index.readOn(1));
    await inSlices(formulas.slice(0, AHEAD), 4, ({ id, tex, title, en }, i) => {
      // the first searches pay for the compiler; better here than under somebody's fingers
      if (i % 16 === 0) for (const query of [tex, title, en]) index.search(query, { detail: true });
      index.ready(id);
      cardOf(id);
    });
  }
  ahead();

  function shown(asked, hits) {
    const fresh = hits.map((hit) => hit.id).filter((id) => !sent.has(id));
    fresh.forEach((id) => sent.add(id));
    return {
      hits: hits.map((hit) => index.explain(asked, hit)).map((hit) => ({ ...hit, renamed: (hit.renamed ?? []).slice(0, 6).map(([yours, here, whole]) => [sign(yours), sign(here, whole)]) })),
      cards: fresh.map(cardOf),
    };
  }

  return {
    /** The reader of programs comes with the first program; without it a program is read as a formula. */
    ready(query) {
      if (!programs && isCode(query)) programs = import("./code.js").then(({ codeToTex }) => readCodeWith(codeToTex)).catch(() => { programs = null; });
      return programs;
    },

    /** The first screen, then what is below it. */
    * search(query, limit, atOnce) {
      // One card for all spellings of a formula: the one that fits best carries the others.
      const { asked, hits: all } = index.find(query, 2 * limit), met = new Set();
      const hits = all.filter(({ id }) => !met.has(shared(id)) && met.add(shared(id))).slice(0, limit);
      yield {
        ...shown(asked, hits.slice(0, atOnce)), count: hits.length,
        asked: { kind: asked.kind, reading: asked.tex ? html(asked.tex) : null, text: asked.soft ? "" : asked.text, far: asked.far, unheard: asked.unheard },
      };
      yield { ...shown(asked, hits.slice(atOnce)), below: true };
    },

    async details(id) {
      details ??= await loadDetails();
      const { symbols, code } = details[id] ?? {};
      const spelt = others(id).map((other) => byId.get(other)).map((f) => ({ title: f.title, where: f.section ?? "", url: urlOf(f), math: html(f.tex, true), tex: f.tex }));
      return { rows: symbolRows(symbols ?? {}), code: code ?? "", spelt };
    },
  };
}
