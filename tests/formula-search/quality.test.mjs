/**
 * The graded sets, as gates a little below what is reached: a corpus made for the purpose, and the
 * site's own formulas as the build lists them. The blind sets were not looked at in tuning; what was
 * measured on them stands here as a gate, not as a promise for queries still to come.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createIndex } from "../../docs/assets/formula-search/index.js";
import { cards, evaluate, HARD, readJsonl, readSite } from "./evaluate.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const engineOf = (formulas) => {
  const index = createIndex(formulas);
  return { search: (query) => index.search(query, { limit: 10 }).map((hit) => hit.id), card: cards(formulas) };
};
const made = engineOf(readJsonl(here("corpus.jsonl")));
const site = readSite();
const own = site && engineOf(site);

/** kind and hard: P@1 of each standard and each hard kind; except: the bounds of single kinds; empty: the share without an answer, of hard kinds alone. */
function gate(name, engine, { mrr, p1, ndcg5, kind, hard, except = {}, empty = 0 }) {
  test(name, () => {
    assert.ok(engine, "没有 site/assets/formulas.json：先运行 make build");
    const report = evaluate(readJsonl(here(`${name}.jsonl`)), engine.search, engine.card);
    const { answers, ...shown } = report;
    const text = JSON.stringify(shown);
    assert.ok(report.all.empty <= empty, text);
    assert.equal(report.standard.empty, 0, text);
    assert.ok(report.standard.mrr >= mrr, text);
    assert.ok(report.standard.p1 >= p1, text);
    assert.ok(report.standard.ndcg5 >= ndcg5, text);
    for (const [each, value] of Object.entries(report.kinds)) assert.ok(value.p1 >= (except[each] ?? (HARD.has(each) ? hard : kind)), `${each} ${text}`);
  });
}

test("本站的每条公式，用它的每个名字都能找到它", () => {
  assert.ok(site, "没有 site/assets/formulas.json：先运行 make build");
  // a name that two formulas share can bring only one of them first
  const missed = (namesOf) => site.flatMap((f) => namesOf(f).filter((name) => own.search(name)[0] !== f.id).map((name) => `${f.id}: ${name}`));
  const [names, aliases] = [missed((f) => [f.title, f.en]), missed((f) => f.aliases)];
  assert.ok(names.length <= 0.01 * 2 * site.length, names.join("\n"));
  assert.ok(aliases.length <= 0.015 * site.reduce((sum, f) => sum + f.aliases.length, 0), aliases.join("\n"));
});

gate("queries-dev", made, { mrr: 0.97, p1: 0.95, ndcg5: 0.94, kind: 0.9, hard: 0.8 });
gate("queries-dev2", made, { mrr: 0.97, p1: 0.95, ndcg5: 0.95, kind: 0.9, hard: 0.8 });
gate("queries-dev3", made, { mrr: 0.97, p1: 0.95, ndcg5: 0.95, kind: 0.9, hard: 0.8 });
gate("queries-blind", made, { mrr: 0.97, p1: 0.95, ndcg5: 0.95, kind: 0.9, hard: 0.8 });
// eight queries a kind: one miss is .125
gate("queries-site", own, { mrr: 0.98, p1: 0.97, ndcg5: 0.94, kind: 0.75, hard: 0.75 });
gate("queries-site-blind", own, { mrr: 0.97, p1: 0.95, ndcg5: 0.93, kind: 0.85, hard: 0.7 });
// written by others, who saw neither the program nor the names that help it; a third of the standard ones are names
gate("queries-site2", own, { mrr: 0.98, p1: 0.97, ndcg5: 0.94, kind: 0.93, hard: 0.85 });
// this one alone had .973 with a factor that cost the others more; 38 formulas that came later cost it another .001
gate("queries-site2-blind", own, { mrr: 0.968, p1: 0.95, ndcg5: 0.94, kind: 0.9, hard: 0.85, except: { "name-en": 0.86 } });
// one query for each of formulas drawn by lot, names, questions and programs alone: the hardest there are
gate("queries-site3", own, { mrr: 0.96, p1: 0.93, ndcg5: 0.87, kind: 0.93, hard: 0.81 });
gate("queries-site3-blind", own, { mrr: 0.94, p1: 0.9, ndcg5: 0.86, kind: 0.88, hard: 0.82 });
// a fourth time, by others again; the code reader was mended on site4
gate("queries-site4", own, { mrr: 0.95, p1: 0.91, ndcg5: 0.88, kind: 0.91, hard: 0.79 });
gate("queries-site4-blind", own, { mrr: 0.95, p1: 0.93, ndcg5: 0.91, kind: 0.87, hard: 0.8 });
// the formulas of five later pages alone, by others; further ways to ask were then written by someone who had not seen them
gate("queries-site5", own, { mrr: 0.97, p1: 0.96, ndcg5: 0.97, kind: 0.93, hard: 0.68 });
gate("queries-site5-blind", own, { mrr: 0.98, p1: 0.97, ndcg5: 0.98, kind: 0.95, hard: 0.77, empty: 0.012 }); // one question fits no formula enough to be answered
// the same for four pages more
gate("queries-site6", own, { mrr: 0.95, p1: 0.92, ndcg5: 0.86, kind: 0.85, hard: 0.78 });
gate("queries-site6-blind", own, { mrr: 0.95, p1: 0.9, ndcg5: 0.89, kind: 0.85, hard: 0.71 });
// two thirds names, for formulas drawn by lot: .923 came first before one factor and some lines of asked/ were mended on them
gate("queries-site7", own, { mrr: 0.97, p1: 0.95, ndcg5: 0.9, kind: 0.91 });
// as many of each kind, 24; measured after that and never looked at
gate("queries-site7-blind", own, { mrr: 0.98, p1: 0.96, ndcg5: 0.94, kind: 0.9, hard: 0.8 });
