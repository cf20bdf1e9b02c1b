/**
 * node scripts/formulas/bundle.mjs FOLDER
 * Formula search as readers get it: its modules joined and without comments, MiniSearch likewise.
 * What stands apart in the result is loaded apart: the box, the panel, the worker, the reader of programs.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const modules = join(root, ".cache/npm/node_modules/");
const { build } = createRequire(modules)("esbuild");
const [folder] = process.argv.slice(2);
const source = join(root, "docs/assets/formula-search");
const common = { bundle: true, format: "esm", minify: true, charset: "utf8", target: "es2022", logLevel: "error" };

await build({
  ...common,
  entryPoints: ["page.js", "worker.js", "style.css"].map((name) => join(source, name)),
  splitting: true,
  outdir: join(folder, "formula-search"),
  // what deps.js does in Node falls away
  define: { process: "undefined" },
  external: ["node:*"],
});
await build({ ...common, entryPoints: [join(modules, "minisearch/dist/es/index.js")], outfile: join(folder, "vendor/minisearch/index.js") });
