import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { otherWords } from "../../docs/assets/formula-search/asked.js";
import { createIndex } from "../../docs/assets/formula-search/index.js";
import { readJsonl } from "./evaluate.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const corpus = readJsonl(here("corpus.jsonl"));
const index = createIndex(corpus);
const ids = new Set(corpus.map((f) => f.id));

test("答案是按分数排好的 {id, score}，不超过 limit", () => {
  for (const limit of [1, 3, 10]) {
    const hits = index.search("softmax(QK^T/sqrt(d_k))V", { limit });
    assert.equal(hits.length, limit);
    for (const hit of hits) assert.ok(ids.has(hit.id) && Number.isFinite(hit.score));
    assert.deepEqual(hits.map((h) => h.score), hits.map((h) => h.score).sort((a, b) => b - a));
    assert.equal(new Set(hits.map((h) => h.id)).size, limit);
  }
});

test("同样的查询得到同样的答案", () => {
  for (const query of ["\\frac{QK^\\top}{\\sqrt{d_k}}", "KL 散度", "x + F(LN(x))"]) assert.deepEqual(index.search(query), index.search(query));
});

test("每条公式用自己的 TeX 能找到自己", () => {
  const lost = corpus.filter((f) => index.search(f.tex)[0]?.id !== f.id).map((f) => f.id);
  assert.deepEqual(lost, []);
});

test("每条公式用自己的中文名能找到自己", () => {
  const lost = corpus.filter((f) => !index.search(f.title).slice(0, 2).some((h) => h.id === f.id)).map((f) => f.id);
  assert.deepEqual(lost, []);
});

test("看上去像公式的名称，先当名称", () => {
  const odd = createIndex([{ id: "other", tex: "\\mathrm{rope}_{\\theta}+1", title: "别的" }, { id: "base", tex: "\\theta_j=b^{-2j/d}", title: "频率", aliases: ["rope_theta"] }]);
  const { asked, hits } = odd.find("rope_theta", 2);
  assert.equal(hits[0].id, "base");
  assert.equal(asked.kind, "name");
  assert.equal(odd.explain(asked, hits[0]).renamed, undefined);
});

test("名称晚些学会，答案与一次做成的相同", () => {
  const formulas = corpus.map((f) => ({ ...f, asked: f.id === "sdpa" ? "打分之后取平均 weighted mixture" : "" }));
  const late = createIndex(formulas, true), whole = createIndex(formulas);
  for (const f of formulas) late.learn(f.id, f.asked);
  for (const query of ["打分之后取平均", "softmax", "KL 散度", "QKᵀ/√dₖ"]) assert.deepEqual(late.search(query), whole.search(query));
});

test("程序里的名字夹在词中，读作名称；有运算的仍读作公式或代码", () => {
  for (const query of ["rotary inv_freq base", "total past_key_values memory", "Li & Liang prefix", "text / image contrast", "max_position_embeddings 是什么"]) {
    const { kind, text } = index.understand(query);
    assert.deepEqual([kind, text.replace(/[&/] /, "")], ["name", query.replace(/[&/] /, "")]);
  }
  for (const [query, kind] of [["pi_theta / pi_ref", "formula"], ["d_model", "formula"], ["sum_ij a_ij", "formula"], ["log_probs - ref_log_probs", "formula"], ["head_dim ** -0.5", "code"]]) assert.equal(index.understand(query).kind, kind, query);
});

test("不是公式的名称没有答案，沾边的说明没有正好对上", () => {
  for (const query of ["asdfgh", "天气预报", "红烧肉做法"]) assert.deepEqual(index.search(query), [], query);
  const few = createIndex([["a", "注意力的方差"], ["b", "梯度的范数"], ["c", "层归一化"]].map(([id, title]) => ({ id, tex: id, title })));
  for (const [query, best, far] of [["股票方差", "a", true], ["批归一化", "c", true], ["归一化", "c", false], ["注意力的方差", "a", false]]) {
    const { asked, hits } = few.find(query, 3);
    assert.deepEqual([hits[0]?.id, asked.far], [best, far], query);
  }
  assert.ok(index.search("ab").length); // two letters may be letters of a formula
});

test("哪个词没有公式提到，说得出来；没有打完的、拼错一个字母的不算", () => {
  const unheard = (query) => index.find(query, 1).asked.unheard;
  assert.deepEqual(unheard("Kalman attention"), ["Kalman"]);
  for (const query of ["attention", "atten", "attentoin", "what is attention"]) assert.deepEqual(unheard(query), [], query);
  assert.deepEqual(unheard("GAN"), ["GAN"]); // not G times A times N
  assert.equal(unheard("QKV")?.length ?? 0, 0);
  assert.deepEqual(index.search("zqx").map(({ id }) => id), index.search("z q x").map(({ id }) => id));
});

test("别的问法按词记下，读回各条公式", () => {
  assert.deepEqual(otherWords({ words: "a b", where: [[0, 1], [2]] }, 4), ["a", "", "a b", ""]);
});

test("空查询没有答案，空语料不出错", () => {
  for (const query of ["", "   ", "\u200b", "$$"]) assert.deepEqual(index.search(query), []);
  assert.deepEqual(createIndex([]).search("softmax"), []);
  assert.equal(createIndex([{ id: "a", tex: "x" }]).search("x")[0].id, "a");
});

test("坏公式不影响其他公式", () => {
  const odd = createIndex([
    { id: "bad", tex: "\\frac{", title: "坏公式" }, { id: "none" }, { id: "macro", tex: "\\undefinedthing{x}" }, { id: "empty", tex: "" },
    { id: "fn", tex: "\\mathrm{sigmoid}()+\\log+T^{}" }, ...corpus.slice(0, 5),
  ]);
  assert.equal(odd.search("缩放点积注意力")[0].id, "sdpa");
  assert.equal(odd.search("坏公式")[0].id, "bad");
});

test("说得出匹配的部分和换掉的字母", () => {
  const [hit] = index.search("\\gamma \\frac{h-\\mu}{\\sqrt{\\sigma^2+\\epsilon}}+\\beta", { detail: true });
  assert.equal(hit.id, "ln");
  assert.deepEqual(hit.renamed, [["h", "x"]]);
  const { tex } = corpus.find((f) => f.id === "ln");
  const matched = hit.spans.map(([from, to]) => tex.slice(from, to)).join("");
  assert.match(matched, /\\gamma.*\\mu.*\\sigma/);
  for (const [from, to] of hit.spans) assert.ok(from >= 0 && to > from && to <= tex.length);
});

test("一个字母换成带下标的，说出整个记号", () => {
  const [hit] = createIndex([{ id: "kl", tex: "\\mathrm{KL}(\\pi_{N}\\|\\pi)=0" }]).search("KL(p||q)", { detail: true });
  assert.deepEqual(hit.renamed, [["p", "π", "\\pi_{N}"], ["q", "π"]]);
});

test("读作：每种写法都归到公式", () => {
  const reads = (query, kind, pattern) => {
    const asked = index.understand(query);
    assert.equal(asked.kind, kind, query);
    assert.match(asked.tex.replace(/\s+/g, ""), pattern, query);
  };
  reads("QKᵀ/√dₖ", "formula", /QK\^\{\\top\}\/\\sqrt\{d_\{k\}\}/);
  reads("softmax(QK^T/srqt(d_k))V", "formula", /\\sqrt\{d_\{k\}\}/);
  reads("\\frca{a}{b}", "formula", /^\\frac\{a\}\{b\}$/);
  reads("xₜ = √ᾱₜ x₀", "formula", /\\sqrt\{\\bar\{\\alpha\}_\{t\}\}/);
  reads("F.softmax(q @ k.transpose(-2, -1) / math.sqrt(d_k), dim=-1) @ v", "code", /softmax.*QK\^\{\\top\}.*\\sqrt\{d_\{k\}\}/);
  reads("LoRA 的 W_0+BA 前向", "mixed", /W_\{0\}\+BA/);
  assert.equal(index.understand("为什么要除以根号 d").kind, "name");
  assert.match(index.understand("\\sqrt{d_").tex, /Box/);
});
