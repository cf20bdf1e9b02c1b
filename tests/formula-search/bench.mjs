/**
 * node tests/formula-search/bench.mjs [CORPUS QUERIES,QUERIES…]
 * Without arguments two tables: the corpus of the tests, and the site's own formulas where it is built.
 * Ours beside the theme's own search (its worker, as it ships), MiniSearch as it comes, and Pagefind
 * (in Chromium). One run, the same formulas and queries for all.
 */
import { createServer } from "node:http";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { createIndex } from "../../docs/assets/formula-search/index.js";
import { MiniSearch } from "../../docs/assets/formula-search/deps.js";
import { cards, evaluate, readJsonl, readSite } from "./evaluate.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const root = here("../../");
const modules = join(root, ".cache/npm/node_modules");
const files = (...names) => names.map((name) => here(`queries-${name}.jsonl`)).join();
let formulas, queries;
const words = (f) => [f.title, f.en, ...(f.aliases ?? []), f.said].filter(Boolean).join("，");

/** The site's formulas; `said`: the other ways to ask for them as they were written, for those who read text. */
function site() {
  const folder = join(root, "scripts/formulas/asked"), said = new Map();
  for (const line of readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))) {
    const [id, text] = line.split("\t");
    said.set(id, [...(said.get(id) ?? []), text]);
  }
  return readSite().map((f) => ({ ...f, said: said.get(f.id)?.join("，") }));
}

function ours() {
  const index = createIndex(formulas);
  return (query) => index.search(query, { limit: 10 }).map((hit) => hit.id);
}

function miniSearch() {
  const engine = new MiniSearch({ fields: ["title", "en", "aliases", "said", "tex", "context"], searchOptions: { prefix: true, fuzzy: 0.2 } });
  engine.addAll(formulas.map((f) => ({ ...f, aliases: (f.aliases ?? []).join(" ") })));
  return (query) => engine.search(query).slice(0, 10).map((hit) => hit.id);
}

/** Material's worker in a sandbox, with the settings of its Chinese translation. */
function material() {
  const site = join(root, ".venv/lib");
  const python = existsSync(site) ? readdirSync(site).find((name) => existsSync(join(site, name, "site-packages/material"))) : null;
  if (!python) throw new Error("没有找到 mkdocs-material，请先运行 make");
  const theme = join(site, python, "site-packages/material/templates");
  const workers = join(theme, "assets/javascripts/workers");
  const file = readdirSync(workers).find((name) => /^search\..*\.js$/.test(name));
  const separator = /"search.config.separator": "(.*)"/.exec(readFileSync(join(theme, "partials/languages/zh.html"), "utf8"))[1];
  const segment = new Intl.Segmenter("zh", { granularity: "word" });
  // at build time the theme puts a zero-width space between words, by jieba; here by the platform's dictionary
  const cut = (text) => text.replace(/\p{Script=Han}+/gu, (run) => [...segment.segment(run)].map((s) => s.segment).join("\u200b"));
  const listeners = [];
  let answer = null;
  // it reports every query that it cannot read: counted in the table as no answer
  const box = { console: { ...console, warn: () => {}, error: () => {} }, setTimeout, clearTimeout, performance, TextEncoder, URL, postMessage: (message) => { answer = message; }, importScripts: () => {}, addEventListener: (type, f) => { if (type === "message") listeners.push(f); } };
  box.self = box.globalThis = box.window = box;
  vm.runInNewContext(readFileSync(join(workers, file), "utf8"), box);
  const send = async (message) => {
    answer = null;
    for (const f of listeners) await f({ data: message });
    for (let i = 0; i < 50 && !answer; i++) await new Promise((r) => setTimeout(r, 1));
    return answer;
  };
  // the theme wants each page before its sections
  const docs = [...new Set(formulas.map((f) => f.page))].flatMap((p) => [{ location: `${p}/`, title: "", text: "" }, ...formulas.filter((f) => f.page === p).map((f) => ({ location: `${f.page}/#${f.id}`, title: cut(f.title ?? ""), text: cut(`${words(f)}\n${f.tex}\n${f.context ?? ""}`) }))]);
  const ready = send({ type: 0, data: { config: { lang: ["en"], separator: JSON.parse(`"${separator}"`), pipeline: ["stemmer"], fields: { title: { boost: 1000 }, text: { boost: 1 }, tags: { boost: 1000000 } } }, docs, options: { suggest: false } } });
  return async (query) => {
    await ready;
    const result = await send({ type: 2, data: query });
    return (result?.data?.items ?? []).flat().filter((item) => item.location?.includes("#")).map((item) => item.location.split("#")[1]).slice(0, 10);
  };
}

/** The browser, where the system has it. */
function chromium() {
  const places = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)));
  const found = process.env.CHROMIUM ?? places.find((path) => existsSync(path));
  if (!found) throw new Error("没有找到 Chromium，请先运行 make test 或设 CHROMIUM");
  return found;
}

async function pagefind() {
  const { createIndex: create } = await import(pathToFileURL(join(modules, "pagefind/lib/index.js")));
  const { index } = await create({ forceLanguage: "zh" });
  for (const f of formulas) await index.addCustomRecord({ url: `/${f.id}`, content: `${words(f)}。${f.tex}。${f.context ?? ""}`, language: "zh", meta: { title: f.title ?? f.id } });
  const folder = mkdtempSync(join(tmpdir(), "pagefind-"));
  await index.writeFiles({ outputPath: folder });
  const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url, "http://x").pathname);
    if (request.url === "/") { response.setHeader("content-type", "text/html"); response.end("<!doctype html><html lang=zh></html>"); return; }
    if (!existsSync(path) || !path.startsWith(folder)) { response.statusCode = 404; response.end(); return; }
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    response.end(readFileSync(path));
  });
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const { default: puppeteer } = await import(pathToFileURL(join(modules, "puppeteer-core/lib/esm/puppeteer/puppeteer-core.js")));
  const browser = await puppeteer.launch({ executablePath: chromium(), args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(async () => { globalThis.engine = await import("/pagefind.js"); await globalThis.engine.init(); });
  const search = (query) => page.evaluate(async (q) => {
    const { results } = await globalThis.engine.search(q);
    const data = await Promise.all(results.slice(0, 10).map((r) => r.data()));
    return data.map((d) => d.url.split("/").pop());
  }, query);
  search.close = async () => { await browser.close(); server.close(); rmSync(folder, { recursive: true }); };
  return search;
}

async function compare(title) {
  const table = [];
  for (const [name, make] of [["本站", ours], ["Material 自带（lunr）", material], ["MiniSearch 原样", miniSearch], ["Pagefind", pagefind]]) {
    process.stderr.write(`${name} …\n`);
    try {
      const search = await make();
      const answers = new Map(), times = [];
      for (const { query } of queries) {
        const start = performance.now();
        answers.set(query, await search(query));
        times.push(performance.now() - start);
      }
      await search.close?.();
      const report = evaluate(queries, (query) => answers.get(query), cards(formulas));
      times.sort((a, b) => a - b);
      table.push({ 搜索: name, MRR: report.standard.mrr, "P@1": report.standard.p1, "nDCG@5": report.standard.ndcg5, 无答案: report.all.empty, "难类 P@1": report.hard?.p1, p50毫秒: +times[times.length >> 1].toFixed(1), p95毫秒: +times[Math.floor(times.length * 0.95)].toFixed(1), kinds: report.kinds });
    } catch (error) {
      table.push({ 搜索: name, 出错: error.message.slice(0, 120) });
      process.exitCode = 1;
    }
  }
  console.log(`${title}：${formulas.length} 条公式，${queries.length} 个查询`);
  console.table(table.map(({ kinds, ...row }) => row));
  const all = [...new Set(table.flatMap((row) => Object.keys(row.kinds ?? {})))];
  console.log("各类 P@1");
  console.table(Object.fromEntries(table.filter((row) => row.kinds).map((row) => [row.搜索, Object.fromEntries(all.map((kind) => [kind, row.kinds[kind]?.p1]))])));
  const kept = table.filter((row) => row.kinds).map((row) => ({ name: row.搜索, mrr: row.MRR, p1: row["P@1"], ndcg5: row["nDCG@5"], hard: row["难类 P@1"], empty: row.无答案, kinds: Object.fromEntries(Object.entries(row.kinds).map(([kind, { p1 }]) => [kind, p1])) }));
  return { formulas: formulas.length, queries: queries.length, rows: kept };
}

const given = process.argv.slice(2);
if (given.length && !existsSync(given[0])) { console.error(`没有 ${given[0]}；改法：写一个每行一条公式的 .jsonl 文件`); process.exit(2); }
const sets = given.length ? [["给定的公式", readJsonl(given[0]), given[1] ?? files("dev", "dev2", "dev3")]]
  : [["测试的公式", readJsonl(here("corpus.jsonl")), files("dev", "dev2", "dev3")], ["本站的公式，调整时没有看过的查询", site(), files("site2-blind", "site3-blind", "site4-blind", "site5-blind", "site6-blind", "site7-blind")]];
let last = null;
for (const [title, corpus, queryFiles] of sets) {
  if (!corpus) { console.error("没有 site/assets/formulas.json，跳过：先运行 make build"); continue; }
  formulas = corpus;
  queries = readJsonl(queryFiles);
  last = await compare(title);
}
// for the performance page, see scripts/bench.py
if (!given.length) writeFileSync(join(root, ".cache/formula-search.json"), JSON.stringify(last));
process.exit();
