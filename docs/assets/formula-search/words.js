/**
 * Words of mathematics: which letter runs are one word, what a function is called,
 * which names are the same thing.
 */
const set = (text) => new Set(text.trim().split(/\s+/));

/** Written as a word → the one name in the tree. Case decides only where noted in `fnName`. */
const SAME = {
  ln: "log", lg: "log", log2: "log", log10: "log", clamp: "clip", cat: "concat", concatenate: "concat", stack: "concat",
  sigm: "sigmoid", silu: "swish", average: "mean", avg: "mean", expectation: "mean",
  e: "mean", variance: "var", stddev: "std", kldiv: "kl", rint: "round", levenshtein: "edit", arcmin: "argmin",
  abs: "abs", gt: "greater", crossentropy: "ce",
};

/** Functions that take what follows without parentheses. */
export const PREFIX = set("log exp sin cos tan tanh cosh sinh arctan max min argmax argmin arg lim sup inf mean var sqrt det tr sign");

/** Functions, when parentheses follow or not. */
const FUNCTIONS = set(
  "softmax sigmoid relu gelu swish silu elu selu mish softplus swiglu geglu glu ffn mlp layernorm rmsnorm rms batchnorm norm " +
  "attention crossattn multihead concat head rope topk clip round floor ceil std var mean cov kl jsd idf tf df tfidf " +
  "log exp sin cos tan tanh cosh sinh arctan max min argmax argmin sqrt abs det tr trace diag sign sgn len logsumexp lse " +
  "rotatehalf dropout embed embedding encoder decoder sublayer attn selfattn sim similarity dist count indicator rank vec " +
  "conv pool linear proj where cumsum cumprod logsigmoid logsoftmax ce mse bce norm quant dequant",
);

/** Words that appear in formulas of this field as names of quantities. */
const NAMES = set(
  "pos lr step warmup dp rel rank tokens token peak flops flop bytes byte layer layers model head heads hidden vocab seq batch " +
  "avgdl itm itc lcs bp pe mfu ppl bleu dcg ndcg gae clip ref old new min max teacher student loss target pred true train test " +
  "out in up down gate base rate dim size num param params total data aux reg adv reward value policy " +
  "prob logit logits score scores bias weight weights grad noise cond uncond scale temp ratio input output",
);

/** The one name of a function or word. LN is layer normalisation, ln the logarithm. */
export function fnName(word) {
  if (word === "LN" || word === "Ln" || word === "Norm") return "layernorm"; // norm( is ‖ ‖
  if (word === "E" || word === "𝔼") return "mean";
  const name = word.toLowerCase().replace(/[_\-\s]/g, "");
  return SAME[name] ?? name;
}

export const isFunction = (name) => FUNCTIONS.has(name) || PREFIX.has(name);

/** Letters that more often name a function than a factor when parentheses follow. */
export const LETTER_FUNCTIONS = new Set([..."fgFGHJLPpqQVRDEφπσΦψΨTS"]);

/** Single-letter indices. */
export const isIndexRun = (run) => /^[ijklmntsxyhw]+$/.test(run) && run.length <= 2;

const COMMON = new Set([...FUNCTIONS, ...NAMES, ...PREFIX, ...Object.keys(SAME)].filter((w) => w.length >= 2));
for (const word of ["ce", "tf", "df", "in", "e", "lg", "tr", "ln"]) COMMON.delete(word);
const CASED = new Set(["LN", "PE", "FL", "BP", "KL", "JSD", "FFN", "MLP", "GLU", "RMS", "LCS", "IDF", "TF", "DF", "MFU", "PPL", "BLEU", "DCG", "lr", "tf", "df", "dp", "ln"]);

/**
 * Splits a run of letters into words and single letters, longest known word first.
 * @param {string} run letters only
 * @param {Set<string>} [learned] words of the corpus, lower case
 * @returns {string[]}
 */
export function segment(run, learned) {
  const out = [];
  let i = 0;
  while (i < run.length) {
    let length = Math.min(16, run.length - i);
    for (; length > 1; length--) {
      const part = run.slice(i, i + length), low = part.toLowerCase();
      if (CASED.has(part)) break;
      // A short word inside a longer run of unknown letters is chance, unless the case sets it off.
      if ((COMMON.has(low) || learned?.has(low)) && (part === low || part[0] + part.slice(1).toLowerCase() === part || part === part.toUpperCase() || length > 4)) {
        if (length >= 3 || run.length === length) break;
      }
    }
    out.push(run.slice(i, i + length));
    i += Math.max(1, length);
  }
  return out;
}

/** Whether a run as a whole is a word of mathematics. */
export const isWord = (run, learned) => run.length > 1 && (CASED.has(run) || COMMON.has(run.toLowerCase()) || !!learned?.has(run.toLowerCase()));
export const allWords = () => [...COMMON];
