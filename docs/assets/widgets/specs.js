/**
 * The calculators of the pages: each a title, its fields and a pure function from their values to rows.
 * A row is {label, text} and may carry `part` in [0, 1], drawn as a bar. tests/test_widgets.py compares the
 * functions with what the notebooks measured.
 */
const GIB = 2 ** 30;
const whole = (x) => Math.round(x).toLocaleString("en-US");
const fixed = (x, digits = 2) => x.toFixed(digits);
const percent = (x, digits = 1) => `${(100 * x).toFixed(digits)}%`;
const range = (n) => Array.from({ length: n }, (_, i) => i);
const number = (id, label, value, min, max, step = 1) => ({ id, label, value, min, max, step });
const slider = (id, label, value, min, max, step) => ({ id, label, value, min, max, step, slide: true });

const softmax = (scores) => {
  const top = Math.max(...scores);
  const e = scores.map((s) => Math.exp(s - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
};
const entropy = (p) => -p.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0);

/** Scores of 64 keys: evenly spaced quantiles of a standard normal, by Tukey's lambda distribution (within 0.004). */
const scores64 = range(64).map((i) => (i + 0.5) / 64).map((p) => (p ** 0.1349 - (1 - p) ** 0.1349) / 0.1975);
/** Attention over those keys when the scores have this standard deviation. */
export function attend(deviation) {
  const p = softmax(scores64.map((z) => z * deviation));
  return { largest: Math.max(...p), entropy: entropy(p) / Math.log(64) };
}
/** Share of queries whose two best of n keys stay within ln 9 of each other, without scaling. */
export const undecided = (d, n) => 1 - Math.exp(-Math.log(9) * Math.sqrt(2 * Math.log(n) / d));
/** What a temperature does to one positive (first) and its negatives. */
export function sharpened(cosines, tau) {
  const p = softmax(cosines.map((c) => c / tau)), negatives = softmax(cosines.slice(1).map((c) => c / tau));
  return { p, loss: -Math.log(p[0]), negatives, effective: Math.exp(entropy(negatives)) };
}

/** Parameters of a dense decoder, part by part. */
export function decoder({ layers, d, heads, kv, ffn, vocab, shared }) {
  const width = kv * (d / heads);
  const parts = {
    attention: layers * (2 * d * d + 2 * d * width),
    ffn: layers * 3 * d * ffn,
    norm: (2 * layers + 1) * d,
    embedding: vocab * d * (shared ? 1 : 2),
  };
  return { ...parts, total: parts.attention + parts.ffn + parts.norm + parts.embedding };
}

export const kvBytes = ({ layers, kv, headDim, bytes }) => 2 * layers * kv * headDim * bytes;
/** Bytes per parameter of the model states in stage 0-3 on n devices (mixed-precision Adam). */
export const zeroBytes = (stage, n) => (stage > 2 ? 2 / n : 2) + (stage > 1 ? 2 / n : 2) + (stage > 0 ? 12 / n : 12);
export const meanCosine = ({ distance, base, dim }) =>
  range(dim / 2).reduce((sum, k) => sum + Math.cos(distance * base ** (-2 * k / dim)), 0) / (dim / 2);
export const longWaves = ({ base, dim, trained }) => range(dim / 2).filter((k) => 2 * Math.PI * base ** (2 * k / dim) > trained).length;
/** Window of a head: sum over all distances of the weight relative to the nearest one, both sides. */
export const alibiWindow = (m) => 1 / Math.tanh(m / 2);
export const tokensPerPass = (alpha, gamma) => (alpha < 1 ? (1 - alpha ** (gamma + 1)) / (1 - alpha) : gamma + 1);
export const loraParameters = ({ d, out, rank, matrices, layers }) => rank * (d + out) * matrices * layers;
/** Relative error of symmetric rounding when the largest of a group is `peak` standard deviations. */
export const roundingError = (bits, peak) => peak / ((2 ** (bits - 1) - 1) * Math.sqrt(12));

export const specs = {
  "softmax-saturation": {
    title: "拖一拖：d_k 与 softmax 的饱和",
    fields: [slider("log", "d_k（2 的几次方）", 6, 0, 11, 1)],
    show({ log }) {
      const d = 2 ** log, raw = attend(Math.sqrt(d)), scaled = attend(1);
      return [
        { label: "d_k", text: whole(d) },
        { label: "打分的方差", text: whole(d) },
        { label: "不缩放：64 个键里最大的权重", text: fixed(raw.largest, 3), part: raw.largest },
        { label: "不缩放：熵 / ln 64", text: fixed(raw.entropy, 3), part: raw.entropy },
        { label: "不缩放：没饱和的查询（公式）", text: percent(undecided(d, 64)), part: undecided(d, 64) },
        { label: "除以 √d_k：最大的权重", text: fixed(scaled.largest, 3), part: scaled.largest },
        { label: "除以 √d_k：熵 / ln 64", text: fixed(scaled.entropy, 3), part: scaled.entropy },
      ];
    },
  },
  "parameter-count": {
    title: "算一个自己的配置",
    presets: {
      "LLaMA-7B": { layers: 32, d: 4096, heads: 32, kv: 32, ffn: 11008, vocab: 32000, shared: 0 },
      "Mistral-7B": { layers: 32, d: 4096, heads: 32, kv: 8, ffn: 14336, vocab: 32000, shared: 0 },
      "Llama-3-8B": { layers: 32, d: 4096, heads: 32, kv: 8, ffn: 14336, vocab: 128256, shared: 0 },
      "Llama-3-70B": { layers: 80, d: 8192, heads: 64, kv: 8, ffn: 28672, vocab: 128256, shared: 0 },
    },
    fields: [
      number("layers", "层数 L", 32, 1, 400), number("d", "d_model", 4096, 8, 65536), number("heads", "查询头数", 32, 1, 512),
      number("kv", "键值头数", 32, 1, 512), number("ffn", "前馈宽度 d_ff", 11008, 8, 262144), number("vocab", "词表", 32000, 2, 2000000),
      number("shared", "输出头与嵌入共享（1 是，0 否）", 0, 0, 1),
    ],
    show(v) {
      const n = decoder(v);
      const names = { attention: "注意力", ffn: "前馈（三个矩阵）", norm: "归一化", embedding: "嵌入与输出头" };
      return [
        { label: "合计", text: whole(n.total) },
        ...Object.entries(names).map(([key, label]) => ({ label, text: `${whole(n[key])}（${percent(n[key] / n.total)}）`, part: n[key] / n.total })),
        { label: "心算 12Ld² + 嵌入", text: `差 ${percent((12 * v.layers * v.d ** 2 + n.embedding) / n.total - 1)}` },
        { label: "bf16 权重", text: `${fixed(2 * n.total / GIB)} GiB` },
        { label: "Adam 训练的静态部分", text: `${fixed(16 * n.total / GIB, 1)} GiB` },
        { label: "键值缓存每 token（bf16）", text: `${fixed(kvBytes({ layers: v.layers, kv: v.kv, headDim: v.d / v.heads, bytes: 2 }) / 1024, 1)} KiB` },
      ];
    },
  },
  "kv-cache": {
    title: "算一算缓存",
    fields: [
      number("layers", "层数", 32, 1, 400), number("kv", "键值头数", 32, 1, 512), number("headDim", "head_dim", 128, 1, 1024),
      number("bytes", "每个数的字节", 2, 0.5, 4, 0.5), slider("log", "每条长度（2 的几次方）", 12, 5, 20, 1), slider("batch", "并发条数", 1, 1, 256, 1),
    ],
    show(v) {
      const per = kvBytes(v), total = per * 2 ** v.log * v.batch;
      return [
        { label: "每个 token", text: `${whole(per)} 字节` },
        { label: "每条长度", text: whole(2 ** v.log) },
        { label: "合计", text: `${fixed(total / GIB)} GiB` },
        { label: "占一张 80 GiB 的卡", text: percent(total / GIB / 80), part: Math.min(1, total / GIB / 80) },
      ];
    },
  },
  zero: {
    title: "算一算每张卡",
    fields: [slider("billions", "参数（十亿）", 7.5, 0.5, 200, 0.5), slider("log", "卡数（2 的几次方）", 6, 0, 12, 1)],
    show({ billions, log }) {
      const n = 2 ** log, names = ["数据并行", "ZeRO-1：切优化器", "ZeRO-2：再切梯度", "ZeRO-3：再切参数"];
      return [{ label: "卡数", text: whole(n) }, ...names.map((label, stage) => {
        const gb = billions * zeroBytes(stage, n);
        return { label, text: `${fixed(gb, gb < 10 ? 2 : 1)} GB`, part: gb / (16 * billions) };
      })];
    },
  },
  lora: {
    title: "秩与参数",
    fields: [
      slider("rank", "秩 r", 8, 1, 256, 1), number("d", "输入宽", 4096, 1, 65536), number("out", "输出宽", 4096, 1, 65536),
      number("matrices", "每层挂几个矩阵", 2, 1, 16), number("layers", "层数", 32, 1, 400),
    ],
    show(v) {
      const n = loraParameters(v), full = v.d * v.out * v.matrices * v.layers;
      return [
        { label: "可训练参数", text: whole(n) },
        { label: "与全量训练这些矩阵相比", text: percent(n / full, 2), part: Math.min(1, n / full) },
        { label: "Adam 状态（FP32）", text: `${fixed(16 * n / GIB)} GiB，全量是 ${fixed(16 * full / GIB, 1)} GiB` },
      ];
    },
  },
  rope: {
    title: "拖一拖：距离与底数",
    fields: [slider("log", "距离（2 的几次方）", 4, 0, 17, 1), slider("power", "底数（10 的几次方）", 4, 2, 7, 0.5), number("dim", "head_dim", 128, 4, 512, 2), number("trained", "训练长度", 4096, 2, 10000000)],
    show({ log, power, dim, trained }) {
      const base = 10 ** power, distance = 2 ** log, value = meanCosine({ distance, base, dim }), long = longWaves({ base, dim, trained });
      return [
        { label: "距离", text: whole(distance) },
        { label: "底数", text: whole(base) },
        { label: "各频率余弦的平均", text: fixed(value, 3), part: Math.max(0, value) },
        { label: "最短与最长的波长", text: `${fixed(2 * Math.PI)} 与 ${whole(2 * Math.PI * base ** ((dim - 2) / dim))}` },
        { label: "训练时没转满一圈的维度对", text: `${long} / ${dim / 2}`, part: long / (dim / 2) },
      ];
    },
  },
  alibi: {
    title: "拖一拖：头数与每个头的窗口",
    // 2, 4, 8 …: for other numbers of heads the official slopes are not one geometric series
    fields: [slider("doubled", "头数（2 的几次方）", 3, 1, 6, 1), slider("log", "序列长（2 的几次方）", 10, 4, 17, 1)],
    show({ doubled, log }) {
      const n = 2 ** log, heads = 2 ** doubled, shown = [1, Math.ceil(heads / 2), heads].filter((h, i, all) => all.indexOf(h) === i);
      return [{ label: "头数", text: whole(heads) }, { label: "序列长", text: whole(n) }, ...shown.map((h) => {
        const m = 2 ** (-8 * h / heads);
        return { label: `第 ${h} 个头，斜率 ${m.toPrecision(3)}`, text: `窗口约 ${fixed(alibiWindow(m), 1)}`, part: Math.min(1, alibiWindow(m) / n) };
      })];
    },
  },
  quantization: {
    title: "拖一拖：位数、分组与离群值",
    fields: [slider("bits", "位数", 4, 2, 8, 1), slider("log", "每组几个（2 的几次方）", 6, 3, 18, 1), slider("outlier", "组里最大的是标准差的几倍（0：取高斯的上界 √(2 ln n)）", 0, 0, 60, 1)],
    show({ bits, log, outlier }) {
      const n = 2 ** log, peak = Math.max(outlier, Math.sqrt(2 * Math.log(n))), error = roundingError(bits, peak);
      return [
        { label: "每组", text: whole(n) },
        { label: "最大值 / 标准差", text: fixed(peak, 1) },
        { label: "相对误差 RMSE / σ", text: fixed(error, 4), part: Math.min(1, error) },
        { label: "连缩放的位数", text: fixed(bits + 16 / n, 3) },
      ];
    },
  },
  temperature: {
    title: "拖一拖：温度",
    fields: [slider("log", "温度 τ（10 的几次方）", -1.15, -2.5, 1, 0.05)],
    show({ log }) {
      const tau = 10 ** log, cosines = [0.32, 0.27, 0.2, 0.12, 0.05, 0, -0.05, -0.1];
      const { p, loss, negatives, effective } = sharpened(cosines, tau);
      const names = ["正确的一对", "最像的错配", "次像的错配"];
      return [
        { label: "τ", text: tau.toPrecision(2) },
        ...names.map((label, i) => ({ label: `${label}，余弦 ${cosines[i]}`, text: fixed(p[i], 3), part: p[i] })),
        { label: "损失（瞎猜是 ln 8 = 2.08）", text: fixed(loss, 2) },
        { label: "负例的推力集中在最像的一个", text: percent(negatives[0]), part: negatives[0] },
        { label: "有效的负例（共 7 个）", text: fixed(effective, 1), part: effective / 7 },
      ];
    },
  },
  "speculative-decoding": {
    title: "拖一拖：接受率、草稿长与代价",
    fields: [slider("alpha", "接受率 α", 0.8, 0, 0.99, 0.01), slider("gamma", "草稿长 γ", 4, 1, 16, 1), slider("cost", "草稿一步 / 目标一步", 0.1, 0, 1, 0.01)],
    show({ alpha, gamma, cost }) {
      const tokens = tokensPerPass(alpha, gamma), speed = (g) => tokensPerPass(alpha, g) / (g * cost + 1);
      const best = range(33).reduce((a, b) => (speed(b) > speed(a) ? b : a));
      return [
        { label: "每轮期望的 token", text: fixed(tokens, 3), part: tokens / (gamma + 1) },
        { label: "加速", text: `${fixed(speed(gamma))} 倍` },
        { label: "这个代价下最好的 γ", text: `${best}（${fixed(speed(best))} 倍）` },
      ];
    },
  },
};
