/**
 * What a learner typed → the formula and the words in it.
 * Takes TeX, Unicode mathematics, ASCII, half-typed input, text copied from a PDF, Python, names and questions.
 */
import { flat } from "./features.js";
import { looksLikeCode } from "./iscode.js";
import { knowsCommand, parse } from "./parse.js";
import { combining, greek, greekName, subscript, superscript, unicodeTex } from "./symbols.js";
import { buildTree } from "./tree.js";
import { allWords, isFunction, isWord, fnName, segment } from "./words.js";

/** Longer input is cut: nobody types it, and no input may cost more than a moment. */
export const MAX_QUERY = 1200;

/** code.js reads programs; it is large, and comes when one is typed (see isCode). */
let codeToTex = null;
export const readCodeWith = (reader) => { codeToTex = reader; };

export const HAN = /\p{Script=Han}/u;
const MATH_MARK = /[\\^_=+*/√∑Σ∏∫∂∇∞≤≥≠≈∼∈⊙⊗‖∥|<>[\](){}±·×÷−ᵀ½]|[\u0370-\u03ff]|[⁰-₟²³¹]|[\u0302-\u0304]|\p{Script=Greek}|[\u{1D400}-\u{1D7FF}]/u;  // 允许乱码示例：这是一张符号表
const COMMANDS = new Set((
  "frac dfrac tfrac cfrac sqrt sum prod int log ln exp max min sup inf lim sin cos tan tanh arg det text textbf mathrm mathbf mathcal mathbb mathsf mathit mathtt mathfrak boldsymbol bm " +
  "operatorname left right big Big bigl bigr Bigl Bigr bigg Bigg hat bar tilde vec dot ddot widehat widetilde overline underline binom dbinom tbinom " +
  "cdot times odot otimes oplus circ star ast div pm mp le leq ge geq ne neq approx sim simeq equiv propto to rightarrow leftarrow Rightarrow gets mapsto succ prec in notin subset subseteq cup cap " +
  "mid lvert rvert lVert rVert vert Vert parallel partial nabla infty varnothing emptyset ell prime top intercal lfloor rfloor lceil rceil langle rangle ldots cdots dots vdots forall exists " +
  "quad qquad begin end setminus backslash arccos mathop limits nolimits displaystyle rm bf cal it over underbrace overbrace tag label nonumber hspace vspace phantom stackrel overset underset substack " +
  [...greek.keys()].join(" ")
).split(" "));

// ---------- spelling

/** Damerau–Levenshtein distance, cut off at `limit`. */
export function distance(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2] + 1);
      row.push(d);
      if (d < best) best = d;
    }
    if (best > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length];
}

/** Which letters a word has, one bit each. */
export function letterBits(word) {
  let bits = 0;
  for (let i = 0; i < word.length; i++) bits |= 1 << (word.charCodeAt(i) & 31);
  return bits;
}

const ones = (bits) => { let n = 0; for (; bits; bits &= bits - 1) n++; return n; };

/** The nearest of `words`, or null; the first of equals wins. @param {Int32Array} [bits] the letters of each, where known */
export function nearest(word, words, limit, bits) {
  let best = null, least = limit + 1, i = -1;
  const mine = bits && letterBits(word);
  for (const candidate of words) {
    i++;
    // each change takes one letter away and brings one at most
    if (bits && ones(mine ^ bits[i]) > 2 * Math.min(least, limit)) continue;
    const d = distance(word, candidate, limit);
    if (d < least || (d === least && best && d <= limit && candidate[0] === word[0] && best[0] !== word[0])) { least = d; best = candidate; }
  }
  return least <= limit ? best : null;
}

// ---------- characters

/** Full-width forms, invisible characters, styled letters and combining marks → plain signs. */
function plainText(raw) {
  let text = String(raw).slice(0, MAX_QUERY).replace(/[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u0000-\u0008\u000e-\u001f]/g, "").replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, " ");
  text = text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[【〔]/g, "[").replace(/[】〕]/g, "]").replace(/[。、；]/g, ", ").replace(/[“”「」『』《》]/g, " ");
  // accents that stand beside their letter in a PDF
  text = text.replace(/([\p{L}])([\u02c6\u02dc\u00af])|([\u02c6\u02dc\u00af])([\p{L}])/gu, (m, a, b, c, d) => (a ?? d) + { "\u02c6": "\u0302", "\u02dc": "\u0303", "\u00af": "\u0304" }[b ?? c]);
  text = text.replace(/[\u{1D400}-\u{1D7FF}]/gu, (c) => (c === "𝔼" ? c : c.normalize("NFKC"))).replace(/[ﬁﬂﬀﬃ]/g, (c) => c.normalize("NFKC"));
  return text.normalize("NFD").replace(/([\s\S])([\u0302-\u0308\u20d7\u0306\u030c])/gu, "$1$2");
}

/** 除以, 根号 … beside a letter are signs. */
const HAN_SIGNS = [["除以根号", "/√"], ["除以", "/"], ["除", "/"], ["乘以", "*"], ["乘", "*"], ["加上", "+"], ["加", "+"], ["减去", "-"], ["减", "-"], ["等于", "="], ["根号下", "√"], ["根号", "√"], ["求和", "∑"]];
function hanSigns(text) {
  for (const [word, sign] of HAN_SIGNS) text = text.replace(new RegExp(`([A-Za-z0-9)\\s])\\s*${word}\\s*(?=[A-Za-z0-9(\\\\√]{1,2}(?![a-z]))`, "g"), `$1 ${sign} `);
  return text;
}

const withoutHan = (text) => text.replace(/\p{Script=Han}+/gu, " ").trim();
export const isCode = (raw) => looksLikeCode(withoutHan(plainText(raw)));

const scripts = (text, table, mark) => {
  let out = "", run = "";
  const close = () => { if (run) out += `${mark}{${run}}`; run = ""; };
  for (const char of text) {
    const plain = table.get(char);
    if (plain !== undefined) run += plain;
    else { close(); out += char; }
  }
  close();
  return out;
};

// ---------- braces

/** What stands where something is still to be typed; it is drawn, and counts for nothing. */
const OPEN_PLACE = "\\Box ";

/** Adds what is missing at the end, drops what closes nothing, completes the last command. */
export function balance(tex) {
  let out = "", stack = [];
  for (let i = 0; i < tex.length; i++) {
    const char = tex[i];
    if (char === "\\") { out += char + (tex[i + 1] ?? ""); i++; continue; }
    if (char === "{") stack.push("}");
    if (char === "}") {
      if (!stack.length) continue;
      stack.pop();
    }
    out += char;
  }
  out = out.replace(/\\$/, "");
  return out + stack.reverse().join("");
}

/** Where the argument that begins at i ends, or -1 if there is none. */
function argumentEnd(tex, i) {
  while (tex[i] === " ") i++;
  if (i >= tex.length || tex[i] === "}") return -1;
  if (tex[i] === "\\") return i + /^\\([a-zA-Z]+|.?)/.exec(tex.slice(i))[0].length;
  if (tex[i] !== "{") return i + 1;
  let depth = 0;
  for (; i < tex.length; i++) {
    if (tex[i] === "\\") { i++; continue; }
    if (tex[i] === "{") depth++;
    if (tex[i] === "}" && --depth === 0) return i + 1;
  }
  return tex.length;
}

/** \frac{a without its second part gets an empty place. */
function completeFractions(tex) {
  const places = [...tex.matchAll(/\\(d|t|c)?(frac|binom)(?![a-zA-Z])/g)].map((m) => m.index + m[0].length).reverse();
  for (const at of places) {
    const first = argumentEnd(tex, at);
    if (first < 0) { tex = `${tex.slice(0, at)}{${OPEN_PLACE}}{${OPEN_PLACE}}${tex.slice(at)}`; continue; }
    if (argumentEnd(tex, first) < 0) tex = `${tex.slice(0, first)}{${OPEN_PLACE}}${tex.slice(first)}`;
  }
  return tex;
}

/** \left and \right that do not pair are dropped, all of them: the tree pairs parentheses itself. */
function pairLeftRight(tex) {
  const left = (tex.match(/\\left(?![a-zA-Z])/g) ?? []).length, right = (tex.match(/\\right(?![a-zA-Z])/g) ?? []).length;
  if (left === right) return tex;
  return tex.replace(/\\(left|right)(?![a-zA-Z])\s*\.?/g, "");
}

// ---------- loose input → TeX

const ARROWS = [["<=>", "\\iff "], ["<=", "\\le "], [">=", "\\ge "], ["!=", "\\ne "], ["==", "="], ["->", "\\to "], ["<-", "\\gets "], [":=", "="], ["**", "^"], ["||", "\\|"], ["...", "\\dots "]];
const SPECIAL = { infty: "\\infty", infinity: "\\infty", inf: "\\infty", null: "\\varnothing", none: "\\varnothing", argmin: "\\arg\\min", argmax: "\\arg\\max", sum: "\\sum", prod: "\\prod", nabla: "\\nabla", partial: "\\partial", grad: "\\nabla", times: "\\times", cdot: "\\cdot", eps: "\\epsilon", odot: "\\odot", ldots: "\\dots", mid: "\\mid", top: "\\top" };
const FUNCTION_COMMANDS = new Set(["log", "ln", "exp", "max", "min", "sin", "cos", "tan", "tanh", "det", "lim", "sup"]);

class Loose {
  constructor(text, lexicon) {
    this.text = text;
    this.lexicon = lexicon;
    this.tex = /\\[A-Za-z]/.test(text);
    // Pieces learned from the corpus (dk → d_k) help where scripts were lost, not where they are written.
    this.lost = !/[\^_\\]|\*\*/.test(text);
    this.i = 0;
  }

  /** The part up to the closing parenthesis, which it eats; to the end if there is none. */
  inside(close) {
    const open = { ")": "(", "}": "{", "]": "[" }[close];
    let depth = 1, from = this.i;
    for (; this.i < this.text.length; this.i++) {
      const char = this.text[this.i];
      if (char === "\\") { this.i++; continue; }
      if (char === open) depth++;
      if (char === close && --depth === 0) { const part = this.text.slice(from, this.i); this.i++; return part; }
    }
    return this.text.slice(from);
  }

  sub(text) {
    const inner = new Loose(text, this.lexicon);
    inner.tex = this.tex;
    inner.lost = this.lost;
    inner.depth = (this.depth ?? 0) + 1;
    return inner.depth > 30 ? "" : inner.run();
  }

  run() {
    let out = "";
    while (this.i < this.text.length && out.length < 3000) out += this.next(out);
    return out;
  }

  next(out) {
    const { text } = this;
    const rest = text.slice(this.i, this.i + 40);
    const char = String.fromCodePoint(text.codePointAt(this.i));
    if (char === "\\") return this.command();
    for (const [sign, tex] of ARROWS) if (rest.startsWith(sign) && !(this.tex && sign === "||")) { this.i += sign.length; return tex; }
    if (char === "√" || char === "∛") { this.i += char.length; return this.root(); }
    if (/[A-Za-z]/.test(char)) return this.letters(out);
    if (char === "^" || char === "_") return this.script(char, out);
    this.i += char.length;
    const after = text[this.i];
    if (after && combining.has(after)) return this.accented(char);
    if (greekName.has(char) && char !== "Σ" && char !== "Π") {
      this.i -= char.length;
      const piece = this.piece();
      if (piece) return piece;
      this.i += char.length;
      return `\\${greekName.get(char)} `;
    }
    if (/[0-9]/.test(char)) return char;
    if (unicodeTex.has(char)) return `${unicodeTex.get(char)} `;
    switch (char) {
      case "*": return "\\cdot ";
      case "~": return this.tex ? "~" : "\\sim ";
      case "𝔼": return "\\mathbb{E}";
      case "%": case "#": case "$": case "`": return char === "#" && /\[$/.test(out) ? "\\#" : "";
      case "&": return this.tex && /\\begin/.test(text) ? "&" : "";
      case "\n": case "\t": return " ";
      case "ᵀ": return "^{\\top}";
    }
    if (combining.has(char) || /\p{M}/u.test(char)) return "";
    return char;
  }

  command() {
    const m = /^\\([A-Za-z]+)/.exec(this.text.slice(this.i));
    if (!m) {
      const two = this.text.slice(this.i, this.i + 2);
      this.i += 2;
      return two.length === 2 && /[\\{}|,;:!%#&_ $>]/.test(two[1]) ? two : "";
    }
    let name = m[1];
    const from = this.i;
    this.i += m[0].length;
    if (/^(text|textrm|mathrm|operatorname|textbf|mathsf|mathtt|begin|end)$/.test(name)) {
      const group = /^\*?\s*\{[^{}]*\}?/.exec(this.text.slice(this.i));
      if (group) {
        this.i += group[0].length;
        if (name === "begin" || name === "end") return this.environment(name, group[0]);
        return `\\${name}${group[0].endsWith("}") ? group[0] : `${group[0]}}`}`;
      }
    }
    if (/^(label|tag|nonumber|notag|color|href|url|htmlClass|htmlStyle|htmlId|htmlData|includegraphics|def|gdef|newcommand|renewcommand|let)$/.test(name)) {
      const group = /^\*?\s*(\{[^{}]*\})?/.exec(this.text.slice(this.i));
      this.i += group[0].length;
      return "";
    }
    if (name === "bm" || name === "boldsymbol") return "\\mathbf ";
    if (COMMANDS.has(name) || this.lexicon.commands.has(name)) return `\\${name} `;
    const atEnd = this.i >= this.text.length;
    if (atEnd) {
      const whole = [...this.lexicon.commands, ...COMMANDS].find((c) => c.startsWith(name));
      if (whole) return this.finished(whole);
    }
    if (name.length > 1 && knowsCommand(name)) return `\\${name} `;
    // \thetax, \cdotK: a command with a letter glued to it
    for (let cut = name.length - 1; cut >= 2; cut--) {
      const head = name.slice(0, cut);
      if ((COMMANDS.has(head) || this.lexicon.commands.has(head)) && cut >= 3 && name.length - cut <= 2) {
        this.i = from + 1 + cut;
        return `\\${head} `;
      }
    }
    const near = nearest(name, this.lexicon.commands, name.length > 4 ? 2 : 1) ?? nearest(name, COMMANDS, name.length > 4 ? 2 : 1);
    if (near) return `\\${near} `;
    return isWord(name, this.lexicon.words) ? `\\mathrm{${name}}` : name;
  }

  environment(which, group) {
    const name = group.replace(/[{}\s*]/g, "");
    if (/^(equation|displaymath|math|document|center)$/.test(name)) return "";
    const known = /^(aligned|align|gather|gathered|split|cases|matrix|pmatrix|bmatrix|vmatrix|Vmatrix|Bmatrix|array|rcases|smallmatrix)$/.test(name) ? name : "aligned";
    const inner = { align: "aligned", gather: "gathered", split: "aligned" }[known] ?? known;
    (this.open ??= []);
    if (which === "begin") this.open.push(inner);
    else if (this.open.pop() !== inner) return "";
    return `\\${which}{${inner}}`;
  }

  /** A half-typed command that is now whole, with the arguments KaTeX wants. */
  finished(name) {
    if (/^(sqrt|hat|bar|tilde|vec|mathrm|mathbf|mathcal|mathbb|mathsf|text|operatorname|overline|widehat)$/.test(name)) return `\\${name}{}`;
    if (/^(left|right|begin|end)$/.test(name)) return "";
    return `\\${name} `;
  }

  root() {
    this.spaces();
    if (this.text[this.i] === "(" || this.text[this.i] === "{") {
      const close = this.text[this.i++] === "(" ? ")" : "}";
      return `\\sqrt{${this.sub(this.inside(close))}}`;
    }
    return `\\sqrt{${this.atom()}}`;
  }

  spaces() { while (this.text[this.i] === " ") this.i++; }

  /** One letter, number or command with its scripts. */
  atom() {
    this.spaces();
    let out = "";
    if (this.i < this.text.length) {
      const number = /^\d+(\.\d+)?/.exec(this.text.slice(this.i));
      if (number) { this.i += number[0].length; out += number[0]; }
      else if (/^[A-Za-z]/.test(this.text.slice(this.i))) out += this.letters("", true);
      else out += this.next("");
    }
    for (let k = 0; k < 2; k++) if (this.text[this.i] === "_" || this.text[this.i] === "^") out += this.script(this.text[this.i], out);
    return out;
  }

  accented(base) {
    let out = greekName.has(base) ? `\\${greekName.get(base)}` : base;
    let marks = 0;
    while (this.i < this.text.length && combining.has(this.text[this.i]) && marks++ < 3) out = `\\${combining.get(this.text[this.i++])}{${out}}`;
    return this.lost ? out + this.lostScript() : out;
  }

  /** Ât, ᾱt: an index letter right after an accented letter, in text that lost its scripts. */
  lostScript() {
    const m = /^(GAE\([^)]*\)|[0-9]|[tijkn](−1|-1|\+1)?)(?![A-Za-z])/.exec(this.text.slice(this.i));
    if (!m) return "";
    this.i += m[0].length;
    return `_{${m[0].replace("−", "-")}}`;
  }

  script(mark, out) {
    this.i++;
    this.spaces();
    const { text } = this;
    const char = text[this.i];
    if (char === undefined) return this.depth ? "" : `${mark}{${OPEN_PLACE}}`;
    // a script on nothing, or a second one of its kind: KaTeX would refuse
    const prefix = out.trim() === "" || /[({[=+\-,]$/.test(out.trim()) ? "{}" : "";
    if (char === "{") { this.i++; return `${prefix}${mark}{${this.sub(this.inside("}"))}}`; }
    if (char === "(") { this.i++; return `${prefix}${mark}{${this.sub(this.inside(")"))}}`; }
    if (char === "\\") return `${prefix}${mark}{${this.command()}}`;
    if (this.tex) {
      const word = /^[a-z]{3,}/.exec(text.slice(this.i));
      if (word && isWord(word[0], this.lexicon.words)) { this.i += word[0].length; return `${prefix}${mark}{${word[0]}}`; }
      this.i += 1;
      if (/[_^&}]/.test(char)) { this.i -= char === "}" ? 1 : 0; return ""; }
      const here = String.fromCodePoint(text.codePointAt(this.i - 1));
      return `${prefix}${mark}{${greekName.has(here) ? `\\${greekName.get(here)}` : unicodeTex.get(here) ?? here}}`;
    }
    let sign = "";
    if (/[-−+]/.test(char)) { sign = char === "+" ? "+" : "-"; this.i++; }
    if (char === "<" || char === ">") { sign = char; this.i++; }
    if (char === "*") { this.i++; return `${prefix}${mark}{*}`; }
    const number = /^\d+(\.\d+)?/.exec(text.slice(this.i));
    if (number) { this.i += number[0].length; return `${prefix}${mark}{${sign}${number[0]}}`; }
    const run = /^[A-Za-z][A-Za-z0-9]*/.exec(text.slice(this.i));
    if (run) {
      let part = run[0];
      const next = text[this.i + part.length];
      // f_iP_i: the letter before the next script is its base
      if ((next === "_" || next === "^") && part.length > 1 && !isWord(part, this.lexicon.words) && !greek.has(part)) part = part.slice(0, -1);
      if (/^[a-z]+[A-Z]/.test(part) && !isWord(part, this.lexicon.words) && part.length <= 3) part = /^[a-z]+/.exec(part)[0];
      this.i += part.length;
      return `${prefix}${mark}{${sign}${this.scriptWord(part)}}`;
    }
    if (greekName.has(char) || text.codePointAt(this.i) > 127) {
      const one = String.fromCodePoint(text.codePointAt(this.i));
      this.i += one.length;
      if (this.text[this.i] && combining.has(this.text[this.i])) return `${prefix}${mark}{${sign}${this.accented(one)}}`;
      return `${prefix}${mark}{${sign}${greekName.has(one) ? `\\${greekName.get(one)}` : unicodeTex.get(one) ?? one}}`;
    }
    return "";
  }

  scriptWord(part) {
    const low = part.toLowerCase();
    if (greek.has(part)) return `\\${part}`;
    if (Object.hasOwn(SPECIAL, low) && low !== "sum" && low !== "top") return SPECIAL[low];
    return part;
  }

  /** A run of letters: a Greek name, a function, a word, lost scripts, or letters one by one. */
  letters(out, single = false) {
    const { text, lexicon } = this;
    const piece = this.piece();
    if (piece) return piece;
    let run = /^[A-Za-z]+/.exec(text.slice(this.i))[0];
    // alpha_bar_t, y_hat_i
    const accent = /^([A-Za-z]+)_?(hat|bar|tilde)(?![a-z])/.exec(text.slice(this.i));
    if (accent && !this.tex) {
      const base = accent[1];
      if (base.length === 1 || greek.has(base) || base === "eps") {
        this.i += accent[0].length;
        return `\\${accent[2]}{${base.length === 1 ? base : base === "eps" ? "\\epsilon" : `\\${base}`}}`;
      }
    }
    this.i += run.length;
    const after = text[this.i];
    if (after && combining.has(after)) {
      if (run.length > 1) { this.i -= 1; run = run.slice(0, -1); }
      else return this.accented(run);
    }
    const low = run.toLowerCase();
    const call = /^\s*[({[]/.test(text.slice(this.i));
    if (low === "sqrt") { return this.root(); }
    if (/^(frac|dfrac)$/.test(low) && after === "{") return "\\frac";
    if (low === "abs" && call) { this.spaces(); this.i++; return `|${this.sub(this.inside(")"))}|`; }
    if (run === "E" && (/^\s*(\[|_)/.test(text.slice(this.i)))) return "\\mathbb{E}";
    if (run === "E" && this.lost) { // E(x,y)∼D [ … ]
      const m = /^\s*\(([^()]*)\)\s*[∼~]\s*([A-Za-z]+)/.exec(text.slice(this.i));
      if (m) { this.i += m[0].length; return `\\mathbb{E}_{(${this.sub(m[1])})\\sim ${m[2]}}`; }
    }
    if (greek.has(run) && (!this.tex || run.length >= 4)) return `\\${run} `;
    if (greek.has(low) && run.length > 3 && !this.tex) return `\\${low} `;
    if (Object.hasOwn(SPECIAL, low) && (!this.tex || low.length > 3) && !(low === "grad" && !/^\s*_?\w/.test(text.slice(this.i)))) {
      // grad, sum … as words of a formula; inside TeX only where unmistakable
      if (!(this.tex && /^(null|none|mid|times|partial)$/.test(low))) return `${SPECIAL[low]} `;
    }
    if (FUNCTION_COMMANDS.has(low) && run === low) return `\\${low} `;
    if (isWord(run, lexicon.words)) return run.length > 1 ? `\\mathrm{${run}}` : run;
    if (run.length > 3 && !this.tex) {
      // pure letters that nobody knows: misspelt function, or words stuck together
      const name = call ? nearest(low, lexicon.functions, low.length > 6 ? 2 : 1) : nearest(low, lexicon.functions, 1);
      if (name && name.length > 3) {
        if (name === "sqrt") return this.root();
        if (FUNCTION_COMMANDS.has(name)) return `\\${name} `;
        return `\\mathrm{${name}}`;
      }
    }
    if (run.length > 1 && !single) {
      // five small letters that nobody knows are the name of a quantity, not a product
      if (!this.tex && run.length >= 5 && run === low) return `\\mathrm{${run}}`;
      const parts = segment(run, lexicon.words);
      // xgamma, betalog: a Greek name inside a run
      return parts.map((p) => (p.length > 1 ? `\\mathrm{${p}}` : p)).join(" ");
    }
    if (single && run.length > 1) { this.i -= run.length - 1; return run[0]; }
    return run;
  }

  /** The longest flat piece of the corpus that stands here: dk → d_k, πθ → \pi_\theta. */
  piece() {
    if (!this.lost) return null;
    const { text, lexicon } = this;
    const rest = text.slice(this.i);
    const run = /^[A-Za-z]+/.exec(rest)?.[0] ?? "";
    if (run.length > 1 && (isWord(run, lexicon.words) || greek.has(run.toLowerCase()))) return null;
    for (let length = Math.min(12, rest.length); length >= 2; length--) {
      const part = rest.slice(0, length);
      if (/\s$/.test(part)) continue;
      const flatPart = part.replace(/[−–]/g, "-").replace(/ϵ/g, "ε").replace(/ϕ/g, "φ").normalize("NFC");
      const tex = lexicon.pieces.get(flatPart);
      if (!tex) continue;
      // not in the middle of a longer number, and not taking the base of a script that follows
      if (/\d$/.test(part) && /^\d/.test(rest.slice(length))) continue;
      if (/[\^_]/.test(rest[length] ?? "")) continue;
      this.i += length;
      return `${tex} `;
    }
    return null;
  }
}

const LOST = /^[^\^_\\ᵀ²³¹⁰-ₜ]*[\u0370-\u03ff\u2200-\u22ff√][^\^_\\ᵀ²³¹⁰-ₜ]*$/;

/** Copied out of a PDF, a sum is an X or a P with its limits before and after it, a root is v u u t. */
function mend(text) {
  return text.replace(/⊺/g, "ᵀ").replace(/v( u)+ t /g, "√ ")
    .replace(/(^|[=+\-−·*(,\s])(?:([\w−+/]+|∞) )?([XPQ∑Σ∏])((?: ?[A-Z\d∞])?[A-Za-z\d−+]*) ?([A-Za-z])([a-z]?) ?([=∈<≤]) ?([\w−]+)/g, (m, before, over, sign, upper, index, second, is, from) => {
      if (/^[XPQ]$/.test(sign) && !/[=∈]/.test(is)) return m;
      return `${before} ${sign === "Q" || sign === "∏" ? "∏" : "∑"}${upper || over ? `^(${(upper || over).trim()})` : ""}_(${index}${second}${is}${from}) `;
    });
}

/** @returns {{tex: string, layout: object[]|null}} */
function toTex(text, lexicon) {
  const lost = !/[\^_\\]|\*\*/.test(text), mended = lost ? mend(text) : text, pasted = mended !== text || LOST.test(text);
  text = mended;
  let s = text.replace(/\$\$?|\\\[|\\\]|\\\(|\\\)/g, " ").replace(/ᵀ(?![ʰ-ᵿ])/gu, "^{\\top}");
  s = scripts(scripts(s, superscript, "^"), subscript, "_");
  const loose = new Loose(s, lexicon);
  // Scripts that were Unicode are written scripts, commands made from signs are not TeX typed by hand.
  loose.tex = /\\[A-Za-z]/.test(text);
  loose.lost = lost;
  let tex = loose.run();
  tex = tex.replace(/\\(sqrt|hat|bar|tilde|vec|mathrm|mathbf|mathcal|mathbb|text|overline|widehat|operatorname)\s*$/, "\\$1{}");
  for (const env of (loose.open ?? []).reverse()) tex = `${balance(tex)}\\end{${env}}`;
  const whole = balance(tex);
  tex = pairLeftRight(completeFractions(whole)).trim();
  const half = whole !== tex.trim() || /\\Box/.test(tex) || (tex.match(/[([]/g) ?? []).length > (tex.match(/[)\]]/g) ?? []).length;
  return { ...tryParse(tex), half, lost, pasted };
}

/** How deep braces go. */
function depthOf(tex) {
  let depth = 0, most = 0;
  for (const char of tex) {
    if (char === "{") most = Math.max(most, ++depth);
    if (char === "}") depth--;
  }
  return most;
}

/** Parses, repairing where KaTeX says it went wrong. */
function tryParse(tex) {
  // KaTeX recurses: forty levels are no formula, and a thousand would end its stack
  if (depthOf(tex) > 40) return { tex: "", layout: null };
  for (let attempt = 0; attempt < 8; attempt++) {
    if (!tex) return { tex: "", layout: null };
    try {
      return { tex, layout: parse(tex) };
    } catch (error) {
      const at = error.position;
      if (/maxExpand|Too many expansions/i.test(error.message) || error instanceof RangeError) return { tex: "", layout: null };
      const message = error.message ?? "";
      if (/Double (super|sub)script/.test(message) && at !== undefined) { tex = `${tex.slice(0, at)}{}${tex.slice(at)}`; continue; }
      if (/Expected group|end of input/.test(message)) {
        const cut = tex.replace(/[\^_]\s*(\}*)$/, "$1").replace(/\\[a-zA-Z]+\s*(\}*)$/, "$1");
        if (cut !== tex) { tex = balance(cut).trim(); continue; }
      }
      if (/\\(left|right|middle)/.test(tex) && attempt > 1) { tex = tex.replace(/\\(left|right|middle)(?![a-zA-Z])\s*\.?/g, ""); continue; }
      if (at === undefined || at >= tex.length) {
        const cut = balance(tex.replace(/\}+$/, "").replace(/(\\[a-zA-Z]+|.)\s*$/, "")).trim();
        if (cut === tex) return { tex: "", layout: null };
        tex = cut;
        continue;
      }
      const command = /^\\[a-zA-Z]+\s*/.exec(tex.slice(at));
      tex = balance(tex.slice(0, at) + tex.slice(at + (command ? command[0].length : 1))).trim();
    }
  }
  return { tex: "", layout: null };
}

// ---------- words and formulas apart

/** Splits at spaces outside braces and parentheses are kept apart too. */
function tokens(text) {
  const out = [];
  let depth = 0, token = "";
  for (const char of text) {
    if (char === "{") depth++;
    if (char === "}") depth = Math.max(0, depth - 1);
    if (/\s/.test(char) && depth === 0) { if (token) out.push(token); token = ""; } else token += char;
  }
  if (token) out.push(token);
  return out;
}

const OPERATOR_END = /[=+\-−*/^_<>≤≥≈~∼·×(,|∣‖[{√⊙⊗]$/;
const OPERATOR_START = /^[=+\-−*/^_<>≤≥≈~∼·×(),|∣‖[\]}⊙⊗]/;

/** rope_theta, past_key_values: what a program calls a thing. Not pi_ref, sum_ij or d_model, which are written so in formulas. */
function identifier(token) {
  const [base, ...parts] = token.split("_");
  if (!parts.length || !/^[A-Za-z]{2,}\d*$/.test(base) || greek.has(base.toLowerCase()) || !parts.every((p) => /^[A-Za-z\d]{2,}$/.test(p))) return false;
  return !(Object.hasOwn(SPECIAL, base) || FUNCTION_COMMANDS.has(base)) || parts.at(-1).length > 3;
}

/** Without the signs that stand in phrases too: "inv_freq of RoPE", "Li & Liang", "image / text". */
const spoken = (text) => text.replace(/(?<![\w\\{^])\w+(?![\w({[^])/g, (token) => (identifier(token) && !/ - /.test(text) ? token.replaceAll("_", "") : token))
  .replace(/([A-Za-z]{2,}) [&/] (?=[A-Za-z]{2,})/g, "$1 ").replace(/[,?!]/g, " ").replace(/([A-Za-z])[-/]([A-Za-z]{2,})/g, "$1$2").replace(/\b([A-Z][a-z]{3,}|[a-z]{4,})@/g, "$1");

/** Which words belong to a name and which to a formula. */
function separate(text, lexicon) {
  const words = [], math = [];
  const short = !HAN.test(text) && tokens(text).every((t) => t.length <= 4 && !lexicon.vocabulary.has(t.toLowerCase())) && /\s-\s/.test(text);
  const marked = short || MATH_MARK.test(spoken(text.replace(/\p{Script=Han}+/gu, " ")));
  for (const segmentText of text.split(/(\p{Script=Han}+)/u)) {
    if (!segmentText.trim()) continue;
    if (HAN.test(segmentText)) { words.push(segmentText); continue; }
    const list = tokens(segmentText);
    list.forEach((token, i) => {
      const bare = token.replace(/[,?!:.]+$/, "");
      if (!marked) { if (bare) words.push(bare); return; }
      const before = list[i - 1] ?? "", after = list[i + 1] ?? "";
      const word = /^[A-Za-z][A-Za-z-]+\d?$/.test(bare) && !(greek.has(bare)) && bare !== "sqrt";
      const known = word && (lexicon.vocabulary.has(bare.toLowerCase()) || bare.length > 5 || /^(the|of|and|with|for|in|is|by|loss|how|why|what|formula)$/i.test(bare));
      const mathWord = word && (isFunction(fnName(bare)) || isWord(bare, lexicon.words));
      const touches = OPERATOR_END.test(before) || OPERATOR_START.test(after) || /[=+\-*/^_(<>]$/.test(token);
      if (!touches && identifier(bare)) words.push(bare);
      else if (known && !touches && !(mathWord && bare === bare.toLowerCase() && /^(log|exp|sum|mean|max|min|sin|cos|tanh|bytes|softmax|head|clip|round|var|std)$/.test(bare))) words.push(bare);
      else if (/:$/.test(token) && word) words.push(bare);
      else math.push(token);
    });
  }
  return { words, math: math.join(" ").replace(/^[,.;:?!\s]+|[,;:?!\s]+$/g, ""), marked };
}

/**
 * @param {string} raw
 * @param {object} lexicon {words, pieces, commands, functions, vocabulary}
 * @returns {{kind: string, text: string, tex: string, tree: object|null, flat: string, soft: boolean, half?: boolean, pasted?: boolean, lines?: object}}
 *   kind: code, formula, name or mixed; lines: a program read line by line (few: not worth many candidates); pasted: from a PDF; half: not yet typed to its end; soft: words that only support a formula (names in a program)
 */
export function understand(raw, lexicon, force = false) {
  const text = plainText(raw).trim();
  const nothing = { kind: "name", text: "", tex: "", tree: null, flat: "", soft: false };
  if (!text) return nothing;
  const finish = (kind, words, made, soft = false) => {
    const out = { ...nothing, kind, text: words.join(" ").trim(), soft, half: made?.half, pasted: made?.pasted };
    if (made?.layout?.length) {
      out.tex = made.tex;
      out.tree = buildTree(made.layout, lexicon.words);
      out.flat = flat(made.layout);
    }
    return out;
  };
  const han = text.match(/\p{Script=Han}+/gu) ?? [];
  const latin = withoutHan(text);
  if (codeToTex && looksLikeCode(latin) && /[^\w\s]/.test(spoken(latin))) {
    const code = codeToTex(latin);
    if (code && !code.tex) return finish("code", [...han, ...code.words], null);
    if (code) {
      const made = tryParse(balance(code.tex));
      if (made.layout) {
        const out = finish("code", [...han, ...code.words], made, !han.length);
        const lines = code.lines ? tryParse(balance(code.lines)) : null;
        if (lines?.layout) out.lines = { ...out, few: true, tree: buildTree(lines.layout, lexicon.words), flat: flat(lines.layout) };
        return out;
      }
    }
  }
  const { words, math } = force ? { words: [], math: latin } : separate(hanSigns(text), lexicon);
  if (!math) return finish("name", words, null);
  // "softmax 除以 T": spoken, so the names in it are names too
  if (hanSigns(text) !== text) words.push(...[...math.matchAll(/[A-Za-z]{3,}/g)].map((m) => m[0]).filter((w) => lexicon.vocabulary.has(w.toLowerCase())));
  const made = toTex(math, lexicon);
  // what no parser could read is still a text
  if (!made.layout) return { ...finish("name", [...words, math], null), flat: math.replace(/[\s(){}[\]\\_^/]/g, "") };
  if (words.length) return finish("mixed", words, made);
  // what a function in a pasted formula is called may be what the formula is called
  if (made.lost) return finish("formula", (math.match(/[A-Za-z]{4,}/g) ?? []).filter((w) => lexicon.vocabulary.has(w.toLowerCase())), made, true);
  return finish("formula", [], made);
}

// ---------- what the corpus teaches

const texOf = (items) => items.map((item) => {
  switch (item.k) {
    case "sym": return greekName.has(item.s) ? `\\${greekName.get(item.s)} ` : item.s === "ε" ? "\\epsilon " : item.s === "φ" ? "\\phi " : item.s === "⊤" ? "\\top " : item.s === "′" ? "'" : /^[A-Za-z0-9+\-=,<>*:]$/.test(item.s) ? item.s : null;
    case "num": return item.s;
    case "word": return `\\mathrm{${item.s}}`;
    case "acc": { const a = texOf(item.a); return a === null ? null : `\\${item.s}{${a}}`; }
    case "scr": {
      const parts = [texOf(item.base), item.sub ? texOf(item.sub) : "", item.sup ? texOf(item.sup) : ""];
      if (parts.includes(null)) return null;
      return `${parts[0]}${item.sub ? `_{${parts[1]}}` : ""}${item.sup ? `^{${parts[2]}}` : ""}`;
    }
    default: return null;
  }
}).reduce((all, part) => (all === null || part === null ? null : all + part), "");

/** Letters with scripts, as they look when the scripts are lost: "dk" → "d_{k}". */
export function learnPieces(layouts) {
  const pieces = new Map();
  const visit = (items) => {
    for (const item of items) {
      if (item.k === "scr" && item.base.length === 1 && (item.base[0].k === "sym" || item.base[0].k === "acc") && !/[)\]}|‖]/.test(item.base[0].s)) {
        for (const supFirst of [false, true]) {
          const short = flat([item], supFirst);
          const length = [...short].length;
          if (length >= 2 && length <= 10 && /\p{L}/u.test(short[0]) && !pieces.has(short)) {
            const tex = texOf([item]);
            // e-x is read as e^{-x}, but a-1 never as a script
            if (tex && (!/^[a-z][-+]/.test(short) || short[0] === "e")) pieces.set(short, tex);
          }
        }
      }
      for (const part of [item.a, item.b, item.base, item.sub, item.sup]) if (part) visit(part);
      if (item.rows) for (const row of item.rows) for (const cell of row) visit(cell);
    }
  };
  for (const layout of layouts) visit(layout);
  for (const word of ["in", "is", "it", "if", "or", "of", "to", "at", "ij", "st"]) pieces.delete(word);
  return pieces;
}

/** Everything the front-end learns from the formulas and their names. */
export function makeLexicon(formulas, layouts, words, vocabulary) {
  const count = new Map();
  for (const { tex } of formulas) for (const [, name] of String(tex ?? "").matchAll(/\\([A-Za-z]+)/g)) count.set(name, (count.get(name) ?? 0) + 1);
  const commands = new Set([...count].sort((a, b) => b[1] - a[1]).map(([name]) => name));
  return { words, vocabulary, commands, pieces: learnPieces(layouts), functions: [...allWords().filter((w) => isFunction(fnName(w))), "sqrt", ...FUNCTION_COMMANDS] };
}
