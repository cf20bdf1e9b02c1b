/**
 * Finds KaTeX, MiniSearch and the site's macros, in the browser and in Node.
 * Browser: the copies that the build puts under assets/vendor/. Node: the packages
 * installed under .cache/npm (or under NODE_MODULES_DIR), so that plain `node` works.
 */
const here = import.meta.url;
const inNode = typeof process !== "undefined" && !!process.versions?.node;

/** @returns {Promise<any>} the first module that loads */
async function firstOf(urls, pick, what) {
  let last;
  for (const url of urls) {
    try {
      const found = pick(await import(url));
      if (found) return found;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(
    inNode
      ? `公式搜索缺少依赖 ${what}：请先在仓库根目录运行 make，把 npm 依赖装进 .cache/npm（${last?.message ?? ""}）`
      : `公式搜索没能加载 ${what}，请刷新页面重试`,
  );
}

async function nodeMacros() {
  const { readFile } = await import("node:fs/promises");
  try {
    return JSON.parse(await readFile(new URL("../macros.json", here), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw new Error(`宏文件 docs/assets/macros.json 读不懂：${error.message}`);
  }
}

async function browserMacros() {
  const answer = await fetch(new URL("../macros.json", here));
  return answer.ok ? answer.json() : {};
}

const vendor = (path) => new URL(`../vendor/${path}`, here).href;
const cached = (path) => new URL(`../../../.cache/npm/node_modules/${path}`, here).href;
const extra = inNode && process.env.NODE_MODULES_DIR
  ? (path) => [`file://${process.env.NODE_MODULES_DIR}/${path}`]
  : () => [];

// katex.min.js is a UMD script: imported as a module it leaves its object on `self`.
const katexOf = (m) => m.default?.__parse ? m.default : globalThis.katex;

const [katex, MiniSearch, macros] = await Promise.all([
  inNode
    ? firstOf([...extra("katex/dist/katex.mjs"), cached("katex/dist/katex.mjs"), "katex"], katexOf, "KaTeX")
    : firstOf([vendor("katex/katex.min.js")], katexOf, "KaTeX"),
  inNode
    ? firstOf([...extra("minisearch/dist/es/index.js"), cached("minisearch/dist/es/index.js"), "minisearch"],
        (m) => m.default, "MiniSearch")
    : firstOf([vendor("minisearch/index.js")], (m) => m.default, "MiniSearch"),
  inNode ? nodeMacros() : browserMacros(),
]);

export { katex, MiniSearch, macros };
