/**
 * What parse.js makes of KaTeX's tree. `katex.__parse` may change with any version: this shows it.
 * After a wanted change: node tests/formula-search/parse.test.mjs --write
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { katex } from "../../docs/assets/formula-search/deps.js";
import { knowsCommand, parse } from "../../docs/assets/formula-search/parse.js";
import { buildTree, key, learnWords } from "../../docs/assets/formula-search/tree.js";
import { readJsonl } from "./evaluate.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const corpus = readJsonl(here("corpus.jsonl"));

const SAMPLES = [
  "x_i^2", "10000^{2i/d}", "\\frac12", "\\binom{n}{k}", "\\sqrt[3]{x}", "\\hat{y}_i", "\\widehat{W}", "\\overline{A}", "f'(x)", "\\|W\\|_2^2", "|x|", "a\\mid b", "P\\|Q",
  "\\mathrm{softmax}(z)", "\\operatorname{clip}(x)", "\\text{rotate\\_half}", "\\mathbb{E}_{x}[f]", "\\mathbb{1}[a=b]", "\\mathcal{L}", "\\mathbf{W}", "\\bm{x}", "{\\rm sm}", "W^{\\mathsf{T}}",
  "\\sum_{i=1}^{n}x_i", "\\max_j x_j", "\\log_2 x", "\\arg\\min_W", "\\left(x\\right)", "\\bigl[x\\bigr]", "\\lfloor x\\rfloor", "a\\ne b", "a\\leftarrow b", "a,\\quad b", "x\\cdot y\\times z\\odot w",
  "\\begin{cases}0&i=0\\\\1&j\\end{cases}", "\\begin{aligned}a&=b\\\\c&=d\\end{aligned}", "\\begin{pmatrix}a&b\\\\c&d\\end{pmatrix}", "x_1,\\dots,x_n", "\\{a,b\\}", "\\tfrac{a}{b}", "{a \\over b}", "α≤β", "\\partial L/\\partial z", "d_{\\text{model}}", "x^{\\top}", "\\underbrace{a}_{b}",
];
const layouts = () => Object.fromEntries(SAMPLES.map((tex) => [tex, JSON.stringify(parse(tex))]));
const trees = () => {
  const made = corpus.map((f) => parse(f.tex));
  const words = learnWords(made);
  return Object.fromEntries(corpus.map((f, i) => [f.id, key(buildTree(made[i], words))]));
};

const file = here("parse.snapshot.json");
if (process.argv.includes("--write")) {
  writeFileSync(file, `${JSON.stringify({ katex: katex.version, layouts: layouts(), trees: trees() }, null, 1)}\n`);
  console.log("已写 parse.snapshot.json");
} else {
  const kept = JSON.parse(readFileSync(file, "utf8"));
  test("KaTeX 的版本是快照时的那一个", () => assert.equal(katex.version, kept.katex));
  test("每种写法的版面与快照相同", () => assert.deepEqual(layouts(), kept.layouts));
  test("语料每条公式的树与快照相同", () => assert.deepEqual(trees(), kept.trees));
  test("不是 TeX 的会抛错，并说出位置", () => {
    assert.throws(() => parse("\\frac{a"), (error) => Number.isInteger(error.position));
    assert.throws(() => parse("\\undefinedthing"));
  });
  test("认得命令", () => {
    assert.ok(knowsCommand("frac") && knowsCommand("widehat"));
    assert.ok(!knowsCommand("frca"));
  });
}
