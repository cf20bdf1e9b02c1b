/**
 * node tests/formula-search/evaluate.mjs CORPUS QUERIES [--misses]
 * Several corpora or query files may be joined by commas (to add distractors).
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { otherWords } from "../../docs/assets/formula-search/asked.js";
import { createIndex } from "../../docs/assets/formula-search/index.js";

export const readJsonl = (paths) => paths.split(",").flatMap((path) =>
  readFileSync(path, "utf8").split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line)));

/** The site's own formulas with their aliases and the other words for them, as the worker has them in the end; null before a build. */
export function readSite() {
  const [list, asked] = ["formulas", "formula-asked"].map((name) => new URL(`../../site/assets/${name}.json`, import.meta.url));
  if (!existsSync(list)) return null;
  const formulas = JSON.parse(readFileSync(list, "utf8")), more = JSON.parse(readFileSync(asked, "utf8")), words = otherWords(more, formulas.length);
  return formulas.map((f, i) => ({ ...f, aliases: more.aliases[i], asked: words[i] }));
}

const KIND = { partial: "half" };
export const kindOf = (query) => KIND[query.kind] ?? query.kind;
export const HARD = new Set(["pdf", "code", "typo", "algebra", "concept"]);

const percentile = (values, p) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
};

/** Metrics of one answer: grade 2 is the formula, 1 closely related. */
export function measure(grades, answer) {
  const ranked = [...new Set(answer)].slice(0, 10);
  const first = ranked.findIndex((id) => grades[id] === 2);
  const gain = (grade, place) => (2 ** grade - 1) / Math.log2(place + 2);
  const dcg = ranked.slice(0, 5).reduce((sum, id, place) => sum + gain(grades[id] ?? 0, place), 0);
  const ideal = Object.values(grades).sort((a, b) => b - a).slice(0, 5).reduce((sum, grade, place) => sum + gain(grade, place), 0);
  return { mrr: first < 0 ? 0 : 1 / (first + 1), p1: grades[ranked[0]] === 2 ? 1 : 0, ndcg5: dcg / ideal, empty: ranked.length ? 0 : 1 };
}

/** What a reader sees: all spellings of one formula stand on one card, under the name that they share. */
export function cards(formulas) {
  const shared = new Map(formulas.filter((f) => f.same).map((f) => [f.id, f.same]));
  return (id) => shared.get(id) ?? id;
}

/** Grades by card, the best of its spellings. */
function graded(grades, card) {
  const best = {};
  for (const [id, grade] of Object.entries(grades)) best[card(id)] = Math.max(grade, best[card(id)] ?? 0);
  return best;
}

/** @param {(query: string) => string[]} search @param {(id: string) => string} card as `cards` gives it */
export function evaluate(queries, search, card) {
  const sums = {}, times = [], answers = [];
  for (const query of queries) {
    const start = performance.now();
    const answer = search(query.query);
    times.push(performance.now() - start);
    const grades = graded(query.grades, card), seen = answer.map(card);
    answers.push({ seen, missed: grades[seen[0]] !== 2 });
    const result = measure(grades, seen);
    for (const group of [kindOf(query), "all", HARD.has(kindOf(query)) ? "hard" : "standard"]) {
      const sum = (sums[group] ??= { n: 0, mrr: 0, p1: 0, ndcg5: 0, empty: 0 });
      sum.n++;
      for (const name of Object.keys(result)) sum[name] += result[name];
    }
  }
  const round = (x) => Math.round(x * 10000) / 10000;
  const mean = ({ n, ...rest }) => ({ n, ...Object.fromEntries(Object.entries(rest).map(([name, sum]) => [name, round(sum / n)])) });
  const { all, standard, hard, ...kinds } = sums;
  return {
    all: mean(all),
    ...(standard ? { standard: mean(standard) } : {}),
    ...(hard ? { hard: mean(hard) } : {}),
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, sum]) => [kind, mean(sum)])),
    p50_ms: round(percentile(times, 0.5)),
    p95_ms: round(percentile(times, 0.95)),
    answers,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [corpus, queryFile, ...flags] = process.argv.slice(2);
  if (!corpus || !queryFile) {
    console.error("用法：node tests/formula-search/evaluate.mjs 公式.jsonl 查询.jsonl [--misses]");
    process.exit(2);
  }
  const formulas = readJsonl(corpus), index = createIndex(formulas);
  const queries = readJsonl(queryFile);
  for (const { query } of queries.slice(0, 20)) index.search(query); // warm the compiler, not the answers: nothing is cached
  const { answers, ...report } = evaluate(queries, (query) => index.search(query, { limit: 10 }).map((hit) => hit.id), cards(formulas));
  if (flags.includes("--misses")) {
    queries.forEach((query, i) => {
      if (answers[i].missed) {
        const asked = index.understand(query.query);
        console.error(`${kindOf(query)}\t${query.query}\n    应为 ${Object.keys(query.grades).filter((id) => query.grades[id] === 2)}，得到 ${answers[i].seen.slice(0, 5)}\n    读作 [${asked.kind}] ${asked.tex} | ${asked.text}`);
      }
    });
  }
  console.log(JSON.stringify(report, null, 1));
}
