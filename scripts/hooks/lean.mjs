/**
 * node scripts/hooks/lean.mjs STYLE FOLDER < used.json
 * Smaller copies of the files that pages load first: PurgeCSS leaves the rules that the site's pages and scripts can
 * use, subset-font the characters of the fonts that the style names. Standard input: {"words": "…", "characters": "…",
 * "alphabets": {"mathbb": "ER", "mathcal": "L"}}: letters of the fonts that are used for those alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../.cache/npm/node_modules/", import.meta.url)));
const { PurgeCSS } = require("purgecss");
const subset = require("subset-font");
const { transformSync } = require("esbuild");
const [style, folder] = process.argv.slice(2);
const { words, characters, alphabets } = JSON.parse(readFileSync(0, "utf8"));

/** What readers type into formula search is drawn, too: letters, their italics, the common signs. */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");
const typed = range(0x20, 0x7e) + range(0x391, 0x3c9) + "ϕϵϑϱ" + range(0x1d434, 0x1d467) + "ℎ" + range(0x1d6e2, 0x1d71b)
  + "⏞⏟√∑∏∫∂∇∞≤≥≠≈∈∉⊂∪∩→←⟹⟺⊙⊗⊕‖|⌊⌋⌈⌉⟨⟩∼∝\u00b1\u00d7\u00b7\u00f7⊤⊥ℝ𝔼ℒ∀∃";

const [{ css }] = await new PurgeCSS().purge({
  content: [{ raw: words, extension: "txt" }],
  css: [{ raw: readFileSync(style, "utf8") }],
  defaultExtractor: (text) => text.split(" "),
  variables: true, // the theme's icons are variables, each a picture
  fontFace: true,
  keyframes: true,
  dynamicAttributes: ["checked", "open", "hidden"], // what a reader's touch sets
  blocklist: [/\brtl\b/, /color-primary=black/], // directions and colours of other sites
});
function put(name, content) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

const ALPHABETS = { AMS: "mathbb", Caligraphic: "mathcal" };
/** What a font is used for. */
function charactersOf(name) {
  const [, kind] = /KaTeX_(\w+)/.exec(name) ?? [];
  if (!kind) return characters + typed;
  return kind in ALPHABETS ? characters.replace(/[A-Za-z\d]/g, "") + (alphabets[ALPHABETS[kind]] ?? "") : characters;
}

for (const [, name] of css.matchAll(/url\(([^)]+\.woff2)\)/g)) {
  put(name, await subset(readFileSync(join(dirname(style), name)), charactersOf(name), { targetFormat: "woff2" }));
}
put(basename(style), transformSync(css, { loader: "css", minify: true, charset: "utf8" }).code);
