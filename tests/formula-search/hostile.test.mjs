import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createIndex } from "../../docs/assets/formula-search/index.js";
import { html, placed, prose } from "../../docs/assets/formula-search/render.js";
import { readJsonl } from "./evaluate.mjs";

const corpus = readJsonl(fileURLToPath(new URL("corpus.jsonl", import.meta.url)));
const index = createIndex(corpus);
for (let i = 0; i < 3; i++) for (const { tex } of corpus.slice(0, 40)) index.search(tex); // a cold start is not what is measured

/** CPU time in ms, not the clock: the machine has other work. */
function cost(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const big = (text) => text.repeat(Math.ceil(100_000 / text.length));
const HOSTILE = {
  "一个字母十万次": big("a"),
  "左花括号": big("{"),
  "右花括号": big("}"),
  "左括号": big("("),
  "嵌套分式": big("\\frac{1}{1+"),
  "嵌套根号": big("\\sqrt{"),
  "嵌套上标": big("x^{"),
  "裸上标": big("x^"),
  "双下标": "x_1_2_3^4^5",
  "反斜杠": big("\\"),
  "left 不配对": big("\\left("),
  "求和": big("\\sum_{i} x_i + "),
  "逗号": big("a,b,"),
  "竖线": big("|x"),
  "积": big("x \\cdot "),
  "宏递归": "\\def\\a{\\a\\a}\\a",
  "宏膨胀": "\\newcommand{\\x}[1]{#1#1#1#1}\\x{\\x{\\x{\\x{\\x{\\x{a}}}}}}",
  "全局宏": "\\gdef\\frac{x}\\frac",
  "表格": big("\\begin{matrix}a&b\\\\"),
  "代码括号": `torch.exp(${"(".repeat(5000)}x`,
  "代码方括号": `x${"[0]".repeat(5000)}.mean()`,
  "代码点": `torch${".a".repeat(20000)}()`,
  "代码运算": `torch.x ${"+ torch.y ".repeat(9000)}`,
  "代码乘方": `x${"**x".repeat(20000)}`,
  "代码字符串": `torch.f("${"\\".repeat(50000)}`,
  "汉字": big("注意力"),
  "问句": big("为什么怎么"),
  "表情": big("🤖𝔼∑"),
  "孤立代理": "\ud800\udc00\ud800 x",
  "组合符": `x${"\u0302".repeat(50000)}`,
  "零宽": big("\u200b"),
  "空白": big(" \n\t"),
  "脚本": "<script>alert(1)</script>",
  "脚本属性": '\\text{<img src=x onerror=alert(1)>}',
  "链接": "\\href{javascript:alert(1)}{x}",
  "链接二": "\\url{javascript:alert(1)}",
  "图片": "\\includegraphics{https://example.org/x.png}",
  "样式": "\\htmlStyle{position:fixed}{x}\\htmlClass{a}{x}\\htmlId{a}{x}\\htmlData{a=b}{x}",
  "原型": "__proto__ constructor.toString() hasOwnProperty",
  "原型代码": "torch.__proto__(constructor.prototype).toString()",
  "正则": big("a-"),
  "数字": big("9"),
  "科学计数": "1e999999*torch.x",
  "空字节": "a\u0000b\\frac\u0000",
  "右到左": "\u202ex+y",
};

for (const [name, query] of Object.entries(HOSTILE)) {
  test(`不抛错、不卡住、不注入：${name}`, () => {
    let hits, asked;
    // the least of five: what else the machine does lengthens CPU time, too
    const spent = Math.min(...[1, 2, 3, 4, 5].map(() => cost(() => {
      hits = index.search(query, { limit: 10, detail: true });
      asked = index.understand(query);
    })));
    assert.ok(Array.isArray(hits));
    assert.ok(spent < 200, `用了 ${spent.toFixed(0)} 毫秒 CPU`);
    // what panel.js puts in as markup; the field takes no more than 2000 characters
    for (const tex of [query.slice(0, 2000), asked.tex]) {
      const drawn = [html(tex), html(tex, true), placed(tex, [[0, tex.length]]), ...prose(`$${tex}$`).map((part) => part.html)];
      for (const markup of drawn) assert.doesNotMatch(markup ?? "", /<(script|img|a|iframe)\b|javascript:[^<]*"|\son\w+="/i);
    }
  });
}

test("不是字符串的查询", () => {
  for (const query of [undefined, null, 0, 42, {}, [], ["a"], true, NaN]) assert.ok(Array.isArray(index.search(query)));
  for (const limit of [undefined, null, 0, -1, NaN, Infinity, "3", 1e9]) assert.ok(Array.isArray(index.search("softmax", { limit })));
});

test("粘贴过的宏不改变后来的查询", () => {
  const before = index.search("\\frac{QK^\\top}{\\sqrt{d_k}}");
  index.search("\\gdef\\frac#1#2{x}\\gdef\\sqrt{y}\\frac{a}{b}");
  assert.deepEqual(index.search("\\frac{QK^\\top}{\\sqrt{d_k}}"), before);
});

test("任意截断与乱序都不抛错", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const texts = [...corpus.map((f) => f.tex), "F.softmax(q @ k.transpose(-2,-1) / math.sqrt(d_k), dim=-1) @ v", "θ ← θ − η∇L(θ)", "LoRA 的 W_0+BA 前向"];
  for (let i = 0; i < 400; i++) {
    let text = texts[random(texts.length)];
    text = text.slice(random(text.length), random(text.length) + 12);
    if (random(2)) text = [...text].sort(() => random(3) - 1).join("");
    assert.ok(Array.isArray(index.search(text, { detail: true })), text);
  }
});
