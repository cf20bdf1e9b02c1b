/** What the worker answers with: cards, in two parts, and what is folded away on them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answers } from "../../docs/assets/formula-search/answer.js";

const SDPA = "\\mathrm{softmax}\\!\\left(\\frac{QK^\\top}{\\sqrt{d_k}}\\right)V";
const FORMULAS = [
  { id: "sdpa", page: "attention/sdpa", tex: SDPA, title: "缩放点积注意力", en: "scaled dot-product attention", aliases: [], context: "按 $d_k$ 缩放。", section: "定义", cell: "cell-3", symbols: true },
  { id: "again", same: "sdpa", page: "attention/flash", tex: SDPA, title: "标准实现", en: "standard attention", aliases: [], context: "", section: "实现" },
  { id: "norm", page: "architecture/norm", tex: "\\gamma\\frac{x-\\mu}{\\sqrt{\\sigma^2+\\epsilon}}+\\beta", title: "层归一化", en: "layer norm", aliases: [], context: "" },
];
const DETAILS = { sdpa: { symbols: { d_k: "每个头的 $k$ 维" }, code: "softmax(q @ k.T)" } };

function make(loadDetails = async () => DETAILS) {
  let made;
  const learnt = new Promise((done) => { made = answers(FORMULAS, async () => { throw new Error("没有取到"); }, done, loadDetails); });
  return { made, learnt };
}

test("先出一张卡片，再出其余；同一条公式的几种写法是一张", () => {
  const { made } = make();
  const [first, rest] = made.search("softmax(QK^T/sqrt(d_k))V", 8, 1);
  const ids = [...first.hits, ...rest.hits].map(({ id }) => id);
  assert.equal(first.hits.length, 1);
  assert.equal(first.count, ids.length);
  assert.ok(rest.below && ids.filter((id) => id !== "norm").length === 1, ids.join());
  const [card] = first.cards;
  assert.equal(card.spellings, 1);
  assert.match(card.math, /<math[^]*data-at="\d+"/);
  assert.match(card.url, /^attention\/\w+\/#formula-(sdpa|again)$/);
});

test("页面已有的卡片不再寄", () => {
  const { made } = make();
  assert.equal([...made.search("layer norm", 8, 1)][0].cards.length, 1);
  assert.equal([...made.search("layer norm", 8, 1)][0].cards.length, 0);
});

test("记号、代码与别处的写法；没有取到的，下一次再取", async () => {
  let times = 0;
  const { made } = make(async () => {
    if (!times++) throw new Error("没有取到");
    return DETAILS;
  });
  await assert.rejects(made.details("sdpa"));
  const { rows, code, spelt } = await made.details("sdpa");
  assert.match(rows[0].sign, /<math/);
  assert.match(rows[0].meaning.map((part) => part.html ?? part.text).join(""), /每个头的 <math/);
  assert.equal(code, DETAILS.sdpa.code);
  assert.deepEqual(spelt.map(({ url, where }) => [url, where]), [["attention/flash/#formula-again", "实现"]]);
  await made.details("norm");
  assert.equal(times, 2);
});

test("别的问法没有取到，名字也学得会", async () => {
  const { made, learnt } = make();
  await learnt;
  assert.equal([...made.search("标准实现", 8, 1)][0].hits[0].id, "again");
});
