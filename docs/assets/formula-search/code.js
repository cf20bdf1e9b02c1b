/**
 * Python (PyTorch, NumPy) → TeX, by tables: an expression parser, what each call means in
 * mathematics, and how the field's programs name their variables.
 */

/** A line of a table: a pattern, a space, what it stands for. */
const row = (line, sign) => [sign(line.slice(0, line.indexOf(" "))), line.slice(line.indexOf(" ") + 1)];

// ---------- tokens and parser

const TOKEN = /\s*(?:((?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)j?)|([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\*\*=?|\/\/=?|==|!=|<=|>=|->|:=|[-+*/@%&|^]=|[-+*/%@()[\]{},.:=<>~&|^]))/gy;

function tokenize(text) {
  const out = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length && out.length < 600) {
    const from = TOKEN.lastIndex;
    const m = TOKEN.exec(text);
    if (!m) {
      TOKEN.lastIndex = from + 1; // a sign that Python does not have: skip it
      continue;
    }
    if (m[1] !== undefined) out.push({ t: "num", s: m[1] });
    else if (m[2] !== undefined) out.push({ t: "name", s: m[2] });
    else if (m[3] !== undefined) out.push({ t: "str", s: m[3].slice(1, -1) });
    else out.push({ t: "op", s: m[4] });
  }
  return out;
}

const BINARY = { "|": 4, "&": 4, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "@": 7, "%": 7, "**": 9 };
const COMPARE = new Set(["<", ">", "<=", ">=", "==", "!="]);

class Parser {
  constructor(tokens) { this.tokens = tokens; this.i = 0; this.depth = 0; }
  peek(s) { const t = this.tokens[this.i]; return t && t.s === s && t.t !== "str" ? t : null; }
  take(s) { const t = this.peek(s); if (t) this.i++; return t; }

  expression() {
    if (++this.depth > 50) { this.i = this.tokens.length; return { t: "name", s: "x" }; }
    let left = this.binary(0);
    if (this.peek("if")) { // a if c else b
      this.i++;
      this.binary(0);
      if (this.take("else")) left = { t: "tuple", a: [left, this.expression()] };
    }
    if (this.peek("for")) { // a comprehension is its element
      while (this.i < this.tokens.length && !this.take("in")) this.i++;
      this.binary(0);
      left = { t: "each", a: left, when: this.take("if") && this.binary(0) };
    }
    this.depth--;
    return left;
  }

  binary(level) {
    let left = this.unary();
    for (;;) {
      const t = this.tokens[this.i];
      if (!t || t.t === "str" || t.t === "num") return left;
      if (COMPARE.has(t.s) && level <= 1) { this.i++; left = { t: "cmp", op: t.s, a: left, b: this.binary(2) }; continue; }
      const p = t.t === "op" ? BINARY[t.s] : undefined;
      if (p === undefined || p < level) return left;
      this.i++;
      const right = t.s === "**" ? this.binary(8) : this.binary(p + 1);
      left = { t: "bin", op: t.s, a: left, b: right };
    }
  }

  unary() {
    if (this.take("-")) return { t: "neg", a: this.binary(8) };
    if (this.take("+") || this.take("~") || this.take("*") || this.take("not") || this.take("await")) return this.unary();
    if (this.take("lambda")) {
      while (this.i < this.tokens.length && !this.take(":")) this.i++;
      return this.expression();
    }
    return this.postfix(this.atom());
  }

  atom() {
    const t = this.tokens[this.i++];
    if (!t) return { t: "none" };
    if (t.s === "(" && t.t === "op") return this.sequence(")");
    if (t.s === "[" && t.t === "op") { const a = this.sequence("]"); return a.t === "tuple" ? a : { t: "tuple", a: [a] }; }
    if (t.t === "num" || t.t === "name" || t.t === "str") return t;
    if (t.s === ")" || t.s === "]" || t.s === ",") this.i--;
    return { t: "none" };
  }

  sequence(end) {
    const items = [];
    let comma = false;
    while (this.i < this.tokens.length && !this.take(end)) {
      const before = this.i;
      items.push(this.expression());
      if (this.take(",")) comma = true;
      else if (this.i === before) this.i++;
    }
    return items.length === 1 && !comma ? items[0] : { t: "tuple", a: items };
  }

  postfix(base) {
    let out = base;
    for (;;) {
      if (this.take(".")) {
        const name = this.tokens[this.i]?.t === "name" ? this.tokens[this.i++].s : "";
        out = { t: "attr", a: out, s: name };
      } else if (this.peek("(") && out.t !== "num") {
        this.i++;
        out = { t: "call", f: out, ...this.args() };
      } else if (this.peek("[") && out.t !== "num") {
        this.i++;
        out = { t: "index", a: out, at: this.slices() };
      } else return out;
    }
  }

  args() {
    const args = [], named = {};
    while (this.i < this.tokens.length && !this.take(")")) {
      const before = this.i;
      const t = this.tokens[this.i];
      if (t.t === "name" && this.tokens[this.i + 1]?.s === "=" ) {
        this.i += 2;
        named[t.s] = this.expression();
      } else args.push(this.expression());
      this.take(",");
      if (this.i === before) this.i++;
    }
    return { args, named };
  }

  slices() {
    const out = [];
    let slice = false, item = null;
    const close = () => { if (item && !slice) out.push(item); slice = false; item = null; };
    while (this.i < this.tokens.length && !this.peek("]")) {
      const before = this.i;
      if (this.take(":")) { slice = true; if (!this.peek("]") && !this.peek(",") && !this.peek(":")) this.expression(); }
      else if (this.take(",")) close();
      else if (this.peek(".")) { this.i++; slice = true; }
      else item = this.expression();
      if (this.i === before) this.i++;
    }
    this.take("]");
    close();
    return out;
  }
}

// ---------- statements

/** @returns {{lhs: object|null, rhs: object}[]} */
function statements(source) {
  const text = source.replace(/#[^\n]*/g, "").replace(/>>>/g, "").replace(/\\\n/g, " ");
  const out = [];
  // a bracket that is still open goes on in the next line
  const lines = [];
  let line = "", open = 0;
  for (const char of text) {
    if ("([{".includes(char)) open++;
    if (")]}".includes(char)) open--;
    if ((char === "\n" || char === ";") && open <= 0) { lines.push(line); line = ""; open = 0; } else line += char;
  }
  lines.push(line);
  for (let raw of lines.slice(0, 30)) {
    raw = raw.trim().replace(/^(for|with|else|try)\b.*?:\s+(?=\S)/, "").replace(/^(async\s+)?def\s+\w+\s*\([^)]*\)\s*(->\s*[^:]+)?:/, "").replace(/^\s*(return|yield|assert|print|if|elif|while)\b/, "").trim();
    if (!raw || /^(import|from|class|for|with|else|try|@)\b/.test(raw)) continue;
    if (/^[\w.]*(backward|step|zero_grad|update|unscale_|train|eval)\(/.test(raw)) continue;
    raw = raw.replace(/\.backward\([^()]*\)$/, "");
    const tokens = tokenize(raw);
    let depth = 0, eq = -1;
    for (let i = 0; i < tokens.length; i++) {
      const { t, s } = tokens[i];
      if (t !== "op") continue;
      if ("([{".includes(s)) depth++;
      if (")]}".includes(s)) depth--;
      if (depth === 0 && (s === "=" || s === ":=" || (/^(\*\*|\/\/|[-+*/@])=$/.test(s)))) { eq = i; break; }
    }
    const read = (part) => new Parser(part).expression();
    if (eq < 0) { if (tokens.length) out.push({ lhs: null, rhs: read(tokens) }); continue; }
    const lhs = read(tokens.slice(0, eq).filter((tk, i, all) => !(tk.s === ":" && all.length > 1))), op = tokens[eq].s;
    let rhs = read(tokens.slice(eq + 1));
    if (op !== "=" && op !== ":=") rhs = { t: "bin", op: op.slice(0, -1), a: lhs, b: rhs };
    out.push({ lhs, rhs });
  }
  return out;
}

// ---------- what calls mean

const MODULES = new Set(["torch", "np", "numpy", "math", "F", "nn", "functional", "tf", "jnp", "jax", "linalg", "special", "self", "K", "scipy", "stats", "lax", "Tensor", "random", "utils", "ops"]);
const IDENTITY = new Set(("view reshape contiguous float double half to cpu cuda detach item numpy clone unsqueeze squeeze expand expand_as repeat repeat_interleave " +
  "flatten type type_as bfloat16 values tensor asarray array as_tensor Parameter gather index_select dropout requires_grad_ data tolist list chunk split size " +
  "view_as astype unflatten long int round_ broadcast_to no_grad stack from_numpy ravel copy stop_gradient diagonal view_as_complex view_as_real").split(" "));

const up = (a) => `${wrap(a)}^{\\top}`;
/** Parentheses unless it is one atom already. */
function wrap(tex) {
  if (/^(\\?[A-Za-z]+|\d+(\.\d+)?|\\(mathrm|hat|bar|tilde)\{[^{}]*\})(_(\w|\{[^{}]*\}))?$/.test(tex)) return tex;
  return `(${tex})`;
}
/** Whether a sum stands open: no bracket is around it. */
function open(tex) {
  let rest = tex, before;
  do { before = rest; rest = rest.replace(/[([{][^()[\]{}]*[)\]}]/g, ""); } while (rest !== before);
  return /.[-+]/.test(rest.replace(/\|[^|]*\|/g, ""));
}
const fn = (name) => (a, ...rest) => `\\mathrm{${name}}(${[a, ...rest].join(",")})`;
const op = (name) => (a = "") => `\\${name}(${a})`;

const CALLS = {
  matmul: (a, b) => `${wrap(a)} ${wrap(b)}`, mm: (a, b) => `${wrap(a)} ${wrap(b)}`, bmm: (a, b) => `${wrap(a)} ${wrap(b)}`, dot: (a, b) => `${wrap(a)} \\cdot ${wrap(b)}`,
  mul: (a, b) => `${wrap(a)} ${wrap(b)}`, multiply: (a, b) => `${wrap(a)} ${wrap(b)}`,
  mul_: (a, b) => `${wrap(a)} \\cdot ${wrap(b)}`, outer: (a, b) => `${wrap(a)} ${up(b)}`, add: (a, b) => `${a}+${b}`, add_: (a, b) => `${a}+${b}`, sub: (a, b) => `${a}-${wrap(b)}`,
  sub_: (a, b) => `${a}-${wrap(b)}`, subtract: (a, b) => `${a}-${wrap(b)}`, div: (a, b) => `\\frac{${a}}{${b}}`, div_: (a, b) => `\\frac{${a}}{${b}}`, divide: (a, b) => `\\frac{${a}}{${b}}`,
  linear: (x, w, b) => `${wrap(x)} ${w ?? "W"}${b ? `+${b}` : ""}`, addmm: (c, a, b) => `${c}+${wrap(a)} ${wrap(b)}`,
  addcdiv: (p, v, a, b) => (b ? `${p}+${wrap(v)} \\frac{${a}}{${b}}` : `${p}+\\frac{${v}}{${a ?? "v"}}`), addcdiv_: (p, v, a, b) => CALLS.addcdiv(p, v, a, b),
  lerp: (a, b, w) => `${a}+${wrap(w)}(${b}-${wrap(a)})`,
  transpose: up, swapaxes: up, t: up, permute: up, adjoint: up, T: up, mT: up,
  softmax: fn("softmax"), log_softmax: (a) => `\\log \\mathrm{softmax}(${a})`, sigmoid: (a) => `\\sigma(${a})`, expit: (a) => `\\sigma(${a})`, logsigmoid: (a) => `\\log\\sigma(${a})`,
  tanh: op("tanh"), sin: op("sin"), cos: op("cos"), exp: op("exp"), log: op("log"), log2: op("log"), log10: op("log"), log1p: (a) => `\\log(1+${a})`,
  sqrt: (a) => `\\sqrt{${a}}`, rsqrt: (a) => `\\frac{1}{\\sqrt{${a}}}`, pow: (a, b) => `${wrap(a)}^{${b}}`, power: (a, b) => `${wrap(a)}^{${b}}`, square: (a) => `${wrap(a)}^2`, reciprocal: (a) => `\\frac{1}{${a}}`, neg: (a) => `-${wrap(a)}`,
  abs: (a) => `|${a}|`, absolute: (a) => `|${a}|`, norm: (a) => `\\|${a}\\|`, vector_norm: (a) => `\\|${a}\\|`,
  sum: (a) => `\\sum ${wrap(a)}`, mean: fn("mean"), std: fn("std"), var: fn("var"), prod: (a) => `\\prod ${wrap(a)}`, cumprod: (a) => `\\prod ${wrap(a)}`, cumsum: (a) => `\\sum ${wrap(a)}`,
  max: (...a) => `\\max(${a.join(",")})`, amax: (a) => `\\max(${a})`, maximum: (a, b) => `\\max(${a},${b})`, min: (...a) => `\\min(${a.join(",")})`, amin: (a) => `\\min(${a})`, minimum: (a, b) => `\\min(${a},${b})`,
  argmax: (a) => `\\arg\\max ${a}`, argmin: (a) => `\\arg\\min ${a}`,
  relu: fn("ReLU"), gelu: fn("GELU"), silu: fn("SiLU"), swish: fn("SiLU"), leaky_relu: fn("LeakyReLU"), softplus: (a) => `\\log(1+\\exp(${a}))`,
  logit: (a) => `\\ln\\frac{${a}}{1-${a}}`, round: fn("round"), floor: (a) => `\\lfloor ${a} \\rfloor`, ceil: (a) => `\\lceil ${a} \\rceil`, rint: fn("round"), trunc: (a) => `\\lfloor ${a} \\rfloor`,
  cross_entropy: (z, y) => `-\\sum_i ${idx(y ?? "y")} \\log ${idx("\\hat{y}")}`, CrossEntropyLoss: () => "-\\sum_i y_i \\log \\hat{y}_i", nll_loss: (p) => `-\\mathrm{mean}(${p ?? "\\log p"})`,
  binary_cross_entropy: (p, y) => `-[${wrap(y ?? "y")}\\log ${wrap(p)}+(1-${wrap(y ?? "y")})\\log(1-${wrap(p)})]`,
  mse_loss: (a, b) => `\\|${b ?? "y"}-${wrap(a)}\\|^2`, MSELoss: () => "\\|y-\\hat{y}\\|^2", l1_loss: (a, b) => `|${a}-${wrap(b ?? "y")}|`,
  kl_div: (a, b) => `D_{KL}(${b ?? "P"}\\|${a})`, kl_divergence: (a, b) => `D_{KL}(${a}\\|${b ?? "Q"})`,
  cosine_similarity: (a, b) => `\\frac{${wrap(a)} \\cdot ${wrap(b ?? "v")}}{\\|${a}\\| \\|${b ?? "v"}\\|}`, normalize: (a) => `\\frac{${a}}{\\|${a}\\|}`,
  layer_norm: (a) => `\\mathrm{LayerNorm}(${a})`, rms_norm: (a) => `\\mathrm{RMSNorm}(${a})`, LayerNorm: (a) => `\\mathrm{LayerNorm}(${a})`, RMSNorm: (a) => `\\mathrm{RMSNorm}(${a})`,
  batch_norm: (a) => `\\mathrm{BatchNorm}(${a})`,
  cat: fn("Concat"), concat: fn("Concat"), concatenate: fn("Concat"), hstack: fn("Concat"), logsumexp: (a) => `\\log \\sum \\exp(${a})`, topk: fn("TopK"),
  comb: (a, b) => `\\binom{${a}}{${b}}`, zeros_like: () => "0", zeros: () => "0", ones_like: () => "1", ones: () => "1", len: (a) => (/^[A-Za-z]$/.test(a) ? `|${a}|` : "N"), where: (c, a, b) => `${a},${b}`,
  masked_fill: (a) => `${a}+M`, masked_fill_: (a) => `${a}+M`, tril: () => "M", triu: () => "M", cov: fn("Cov"), binomial: (a, b) => `\\binom{${a}}{${b}}`,
  clip_grad_norm_: (a, c) => `g\\cdot\\min(1,\\frac{${c ?? "c"}}{\\|g\\|})`, randn_like: () => "\\epsilon", randn: () => "\\epsilon",
  rotate_half: (a) => `\\mathrm{rotate\\_half}(${a})`, one_hot: (a) => a, range: (a) => a, sorted: (a) => a, any: (a) => a,
  matrix_power: (a, b) => `${wrap(a)}^{${b}}`, allclose: (a, b) => `${a}=${b}`, equal: (a, b) => `${a}=${b}`,
  real: fn("Re"), conj: (a) => `\\bar{${a}}`, eye: () => "I", matrix_rank: fn("rank"),
  polar: (r, t) => `${wrap(r)} e^{i ${wrap(t)}}`,
  Softmax: fn("softmax"), Sigmoid: (a) => `\\sigma(${a})`, ReLU: fn("ReLU"), SiLU: fn("SiLU"), GELU: fn("GELU"), Tanh: op("tanh"),
};
const idx = (tex) => (/_/.test(tex) || !/^(\\?[A-Za-z]+|\\hat\{y\})$/.test(tex) ? wrap(tex) : `${tex}_i`);

/** Words of the language and names that any program has. */
const PLAIN = new Set("dim keepdim dtype device self def return for in range len int float print None True False and not import from assert int8 bool out".split(" "));

/** What stands in a program → what its formula is called. */
const HINTS = String.raw`
masked_fill|tri[lu]\( 因果掩码
gae 广义优势估计 GAE
kl_?div KL 散度
expert|router 门控 混合专家 负载均衡
(image|text)_(features|embeds)|logits_per_image|logit_scale 图文对比 CLIP
clip_eps PPO
patch|image|pixel|vision ViT 图块 图像
lora_ LoRA
draft 投机解码 推测 草稿
temperature 温度
\bcross_?entropy 交叉熵 分类
scaled_dot_product 缩放点积注意力
layer_norm 层归一化
rms_norm 均方根归一化 RMSNorm
rotate_half RoPE rotate half
accum|micro_?batch|num_(items|tokens) 梯度累积
scaler|loss_scale 损失缩放
cis|as_complex|rotary|rope|inv_freq 旋转位置编码 RoPE
codebook|absmax|nf4|block_?size 块量化
wpe|pos(ition)?_emb 可学习位置编码
prefix 前缀 Prefix
requires_grad|numel 可训练参数 占比
n_rep|repeat_kv|_interleave|kv_heads|groups 分组查询 GQA
c_kv|kv_(down|up|[ab]_) 潜向量 MLA
latents|resampl 潜向量 重采样器
dequant QLoRA 解量化
past_|kv_cache|use_cache KV cache 前缀
floor[^]*rand|stochastic 随机舍入
rel_shift Transformer-XL 相对移位
mrope M-RoPE
receptive 感受野 滑动窗口
matrix_power 跳数 可达
slope ALiBi
chosen 被选中 偏好
checkpoint 检查点 重算
all_gather|all_reduce all-reduce ZeRO
sink 注意力汇聚
window 滑动窗口
mscale YaRN 注意力温度
scaling_factor Dynamic NTK 底数
(pre|post)_proj Talking-Heads
\bphi|feature_map|\belu\( 线性注意力 核
bucket T5 分桶
float16|half\( 混合精度
\blse|logsumexp log-sum-exp
\bref 参考模型
advantage 优势
\bdp\[ 递推
-100|ignore_index SFT 监督微调
qformer|query_(output|tokens)|opt_proj Q-Former BLIP-2 阶段
:-1\][^]*\b1:\] 预训练 下一个 token
\bsim(ilarity)?\b[^]*temp|temp[^]*\bsim 对比 InfoNCE
judge RLAIF 标注者
hbm|sram FlashAttention 读写
`.trim().split("\n").map((line) => row(line, (sign) => new RegExp(sign)));

// ---------- names

/** Names of variables (a pattern for the whole name) → TeX; the first that fits. */
const NAMES = String.raw`
x?q|quer(y|ies) Q
x?k|keys? K
x?v|value V
(attn_|causal_)?mask M
wq W^Q
wk W^K
wv W^V
inv_freq \theta
freqs_cis e^{im\theta}
(lr|eta)_min|min_lr \eta_{\min}
(lr|eta)_max|(max|base)_lr \eta_{\max}
lr|learning_rate \eta
(\w+_)?eps|(\w+_)epsilon|clip_?range|clip_ratio|eps(ilon)?_clip|noise \epsilon
(gae_)?lam(bda)?|lmbda|lambda_|wd|weight_decay \lambda
(?:beta|b)([12]) \beta_$1
grads?|gradient g
temp(erature)?|t_max|total(_steps)? T
step t
logits? z
scores S
ratios? r
adv(antage)?s? \hat{A}
policy_chosen_logps|pi_w \log\pi_\theta(y_w|x)
policy_rejected_logps|pi_l \log\pi_\theta(y_l|x)
reference_chosen_logps|ref_w \log\pi_{ref}(y_w|x)
reference_rejected_logps|ref_l \log\pi_{ref}(y_l|x)
pi_logratios|chosen_logratios \Delta_w
ref_logratios|rejected_logratios \Delta_l
\w*chosen\w* r(x,y_w)
\w*rejected\w* r(x,y_l)
rewards? r
old_log\w+|log\w+_old \log\pi_{\theta_{old}}
ref_(per_token_)?log\w+|logp_ref|reference_logps \log\pi_{ref}
logps?|(new|policy|per_token)_log\w+ \log\pi_\theta
log_?probs?|log_p \log p
xt x_t
preds?|y_pred \hat{y}
p_target|target_probs? p(x)
[pq]_draft|draft_probs? q(x)
probs? p
targets?|labels?|y_true|one_hot y
window(_size)? W
scale|sim(ilarity)? s
zero_point|zp z
q(?:uant_)?(min|max) q_{\$1}
x_?(min|max) x_{\$1}
(n_?|num_)?bits b
head_dim|d_head|dk d_k
dim|hidden_size|embed_dim|n_embd d
d_model d_{model}
base 10000
(num|n)_classes K
vocab_size|n_vocab|vocab V
max(_grad)?_norm|clip_value c
mean|mu_ \mu
var(iance)? \sigma^2
std \sigma
inf \infty
loss L
lora_([AB]) $1
lora_alpha \alpha
scaling \frac{\alpha}{r}
rank r
(freqs_)?cos(_theta)? \cos(m\theta)
(freqs_)?sin(_theta)? \sin(m\theta)
next_values?|v_next V(s_{t+1})
values V(s_t)
router_logits xW_g
num_experts N
last_?gae_?(lam)?|gae A
((n|num)_)?(hidden_)?layers? L
((n|num)_)?(kv|key_value)_(heads?|groups?)|(n|num)_groups g
((n|num)_)?(attention_)?heads|n_head h
batch(_size)?|bsz B
seq_?len(gth)?|((n|num)_)?tokens T
((n|num)_)?params N
d_?ff|ffn(_dim)?|intermediate_size d_{ff}
kv_lora_rank d_c
`.trim().split("\n").map((line) => row(line, (sign) => new RegExp(`^(?:${sign})$`)));

/** @returns {string | undefined} the TeX of a variable that the field's programs call so */
function nameTex(s) {
  const found = NAMES.find(([sign]) => sign.test(s));
  return found && s.replace(...found);
}
const GREEKS = /^(alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega)s?$/;
const LAYER = /^(w|W|fc|lin|linear|proj|dense|c_proj|c_fc|to_[qkv]|w[qkvo]|W[qkvoO]|[qkvo]_proj|gate|up|down|gate_proj|up_proj|down_proj|lm_head|head|wte|w_?\w{1,4}|W_?\w{1,4}|out_proj|o_proj|w_gate|w_up|w_down|lora_[AB]|A|B|W0|router|out|fc\d|\w+_proj|linear\d)$/;
const NORM = /^(ln|norm|layer_?norm|input_layernorm|post_attention_layernorm|attention_norm|ffn_norm|pre_?norm|ln_?\w{1,2}|norm_?\w{1,2}|ln_f|LayerNorm|LN)$/;
const RMS = /rms/i;
const EMBED = /^(wte|wpe|\w*emb(ed(ding)?s?)?(_\w+)?)$/;
const BLOCK = /^(attn|attention|mha|self_attn|self_attention|mlp|ffn|feed_forward|ff|block|sublayer|f|F_|fn|layer|module|dropout_attn)$/;
const NOISE = /^(model|net|unet|eps_model|eps_theta|denoiser|epsilon_theta|noise_predictor|denoise_fn)$/;
const LAYER_TEX = { gate_proj: "W_{gate}", up_proj: "W_{up}", down_proj: "W_{down}", w_gate: "W_{gate}", w_up: "W_{up}", w_down: "W_{down}", gate: "W_g", router: "W_g", up: "W_{up}", down: "W_{down}", q_proj: "W_Q", k_proj: "W_K", v_proj: "W_V", o_proj: "W^O", out_proj: "W^O", w_o: "W^O", wo: "W^O", W_o: "W^O", wq: "W_Q", wk: "W_K", wv: "W_V", to_q: "W_Q", to_k: "W_K", to_v: "W_V", W_q: "W_Q", W_k: "W_K", W_v: "W_V", lora_A: "A", lora_B: "B", A: "A", B: "B", W0: "W_0" };

/** What a layer of this name multiplies by. */
const weightTex = (name) => (Object.hasOwn(LAYER_TEX, name) ? LAYER_TEX[name] : /\d/.test(name) ? `W_${/\d/.exec(name)[0]}` : /fc$/.test(name) ? "W_1" : /proj$/.test(name) ? "W_2" : "W");

class Writer {
  /** @param {Map<string, string>} env what earlier lines gave to a name, as TeX */
  constructor(env) { this.env = env; this.words = []; this.calls = 0; }

  name(s) {
    if (this.env.has(s)) return this.env.get(s);
    // q and k are the attention's only where the two are multiplied; elsewhere they are plain letters
    if (/^[wx]?[qkv]$/.test(s) && !this.attention) return s.length > 1 ? `${s[0]}_${s[1]}` : s;
    const tex = nameTex(s);
    if (tex !== undefined) return tex;
    const low = s.replace(/^_+|_+$/g, "");
    if (/^[A-Za-z]$|^d[A-Z]$/.test(low)) return low;
    if (GREEKS.test(low)) return `\\${low.replace(/s$/, "")}`;
    if (/^[A-Za-z](\d{1,2}|[xyw])$/.test(low)) return `${low[0]}_{${low.slice(1)}}`;
    const m = /^([A-Za-z]|[a-z]{2,7})_(\w+)$/.exec(low);
    if (m && (m[1].length === 1 || GREEKS.test(m[1]))) {
      const base = m[1].length === 1 ? m[1] : `\\${m[1].replace(/s$/, "")}`;
      if (/^(hat|bar|tilde)$/.test(m[2])) return `\\${m[2]}{${base}}`;
      const acc = /^(hat|bar|tilde)_(\w+)$/.exec(m[2]);
      if (acc) return `\\${acc[1]}{${base}}_{${acc[2]}}`;
      const sub = m[2].replace(/_/g, "");
      return `${base}_{${GREEKS.test(sub) ? `\\${sub}` : sub}}`;
    }
    this.words.push(low);
    return `\\mathrm{${low.replace(/_/g, "")}}`;
  }

  tex(n) {
    if (++this.calls > 800) return "";
    switch (n.t) {
      case "num": return this.number(n.s);
      case "str": case "none": return "";
      case "name": return this.name(n.s);
      case "neg": return `-${this.side(n.a, false)}`;
      case "tuple": return n.a.map((a) => this.tex(a)).filter(Boolean).join(",");
      case "each": return this.tex(n.a);
      case "cmp": return `${this.tex(n.a)} ${{ "<": "<", ">": ">", "<=": "\\le", ">=": "\\ge", "==": "=", "!=": "\\ne" }[n.op]} ${this.tex(n.b)}`;
      case "bin": return this.binary(n);
      case "attr": return this.attribute(n);
      case "index": return this.index(n);
      case "call": return this.call(n);
      default: return "";
    }
  }

  number(s) {
    if (s.endsWith("j")) return s === "1j" ? "\\mathrm{i}" : `${s.slice(0, -1)}\\mathrm{i}`;
    const value = Number(s);
    if (/e-/i.test(s)) return "\\epsilon"; // 1e-8: a constant against division by zero
    if (/^0?\.0*1$/.test(s) && s.length > 5) return "\\epsilon";
    return Number.isFinite(value) ? String(value) : s;
  }

  side(n, product) {
    const tex = this.tex(n);
    return open(tex) || (product && (n.t === "cmp" || /^-|^\\sum|^\\log\\pi/.test(tex))) ? `(${tex})` : tex;
  }

  binary(n) {
    switch (n.op) {
      case "+": return `${this.tex(n.a)}+${this.tex(n.b)}`;
      case "-": return `${this.tex(n.a)}-${this.side(n.b, false)}`;
      case "/": case "//": return `\\frac{${this.tex(n.a)}}{${this.tex(n.b)}}`;
      case "**": if (n.b.s === "0.5") return CALLS.sqrt(this.tex(n.a));
        if (n.b.t === "neg" && n.b.a.s === "0.5") return CALLS.rsqrt(this.tex(n.a));
        return `${wrap(this.tex(n.a))}^{${this.tex(n.b)}}`;
      case "@": return `${this.side(n.a, true)} ${this.side(n.b, true)}`;
      case "*": return `${this.side(n.a, true)} \\cdot ${this.side(n.b, true)}`;
      case "|": return `${this.side(n.a, true)} | ${this.side(n.b, true)}`;
      default: return `${this.tex(n.a)} ${this.tex(n.b)}`;
    }
  }

  attribute(n) {
    if (/^(T|mT|H|mH)$/.test(n.s)) return up(this.tex(n.a));
    if (n.s === "real") return CALLS.real(this.tex(n.a));
    if (n.s === "grad") return n.a.t === "name" ? "\\nabla L" : "g";
    if (n.a.t === "name" && MODULES.has(n.a.s) && !(n.a.s === "K" && n.s === "T")) return n.s === "pi" ? "\\pi" : n.s === "e" ? "e" : n.s === "inf" ? "\\infty" : this.name(n.s);
    if (n.a.t === "name" && n.a.s === "cfg") return this.name(n.s);
    if (n.s === "logits") return "z";
    if (n.s === "weight" && n.a.t === "name" && (n.a.s === "self" || LAYER.test(n.a.s))) return n.a.s === "self" ? "g" : weightTex(n.a.s);
    if (["data", "values", "weight", "shape", "device", "value"].includes(n.s)) return this.tex(n.a);
    return this.name(n.s);
  }

  index(n) {
    // config["heads"] is a name
    if (n.at.length === 1 && n.at[0].t === "str" && /^\w+$/.test(n.at[0].s)) return this.name(n.at[0].s);
    const at = n.at.filter((a) => a.t !== "none" && !(a.t === "name" && a.s === "None")).map((a) => this.tex(a));
    if (n.a.t === "attr" && n.a.s === "shape") return "d_k";
    if (n.a.t === "call" && (n.a.f.s === "size")) return "d_k";
    if (n.a.t === "name" && /^(values?|V|vals)$/.test(n.a.s) && at.length) return `V(s_{${at[0]}})`;
    if (n.a.t === "name" && /^next_values?$/.test(n.a.s)) return "V(s_{t+1})";
    const base = this.tex(n.a);
    // x[-1] and x[0] pick a part, they do not name a term
    if (!at.length || at.every((a) => /^-?\d+$/.test(a)) || n.a.t === "call") return base;
    if (n.a.t === "index" || /^\\mathrm\{dp\}$|^dp$|^c$|^f$/.test(base)) return `${base}[${at.join("][")}]`;
    if (/_/.test(base)) return base;
    return `${base}_{${at.join(",")}}`;
  }

  call(n) {
    const args = n.args.map((a) => this.tex(a)).filter((a) => a !== "");
    const f = n.f;
    let name = "", self = null, owner = "";
    if (f.t === "name") name = f.s;
    else if (f.t === "attr") {
      name = f.s;
      owner = rootName(f.a);
      if (!(f.a.t === "name" && MODULES.has(f.a.s)) && !(f.a.t === "attr" && MODULES.has(rootName(f.a)) && rootName(f.a) !== "self" && MODULES.has(f.a.s))) self = f.a;
      if (f.a.t === "attr" && rootName(f.a) === "self") self = f.a;
      if (f.a.t === "name" && f.a.s === "self") { self = null; owner = "self"; }
    } else if (f.t === "call") { // nn.Softmax(dim=-1)(x)
      const inner = f.f.t === "attr" || f.f.t === "name" ? f.f.s : "";
      if (Object.hasOwn(CALLS, inner)) return CALLS[inner](...(args.length ? args : ["x"]));
      return this.tex(f) || args.join(",");
    } else return `${this.tex(f)}(${args.join(",")})`;
    if (owner !== "self" || self) {
      const made = this.known(name, self, n, args);
      if (made !== null) return made;
    } else {
      const made = this.layer(name, args) ?? this.known(name, null, n, args);
      if (made !== null) return made;
    }
    const made = this.layer(name, args);
    if (made !== null && (!self || rootName(self) === "self")) return made;
    const inside = self ? [this.tex(self), ...args] : args;
    this.words.push(name);
    if (!inside.length) return this.name(name);
    if (nameTex(name) || /^[A-Za-z]$/.test(name)) return `${(name.length > 1 && nameTex(name)) || name}(${inside.join(",")})`;
    return `\\mathrm{${name.replace(/_/g, "")}}(${inside.join(",")})`;
  }

  known(name, self, n, args) {
    const own = self ? this.tex(self) : null;
    const all = own !== null && own !== "" ? [own, ...args] : args;
    if (IDENTITY.has(name)) return name === "size" ? "d_k" : name === "stack" && all.length ? `\\mathrm{Concat}(${all[0]})` : all[0] ?? "";
    if (name === "einsum" && args.length) {
      const [from, to] = (n.args[0]?.t === "str" ? n.args[0].s : "").replace(/[\s.]/g, "").split("->");
      const [a, b] = from.split(",");
      if (n.args[1]?.t === "tuple") args.splice(0, args.length, ...n.args[1].a.map((part) => this.tex(part))); // torch.einsum("…", (x, y))
      // the letter that is summed away stands last in both where the second is transposed
      const over = [...(a ?? "")].findLast((c) => b?.includes(c) && !to?.includes(c));
      return args.map((tex, i) => (i === 1 && args.length === 2 && over && a.endsWith(over) && b.endsWith(over) ? up(tex) : wrap(tex))).join(" ");
    }
    if (name === "scaled_dot_product_attention") {
      const masked = n.named.is_causal || n.named.attn_mask || args.length > 3;
      return `\\mathrm{softmax}(\\frac{Q K^{\\top}}{\\sqrt{d_k}}${masked ? "+M" : ""}) V`;
    }
    if (name === "get" && n.args[0]?.t === "str" && /^\w+$/.test(n.args[0].s)) return this.name(n.args[0].s);
    if (/^(max|min)$/.test(name) && n.named.key) return CALLS[`arg${name}`](this.tex(n.named.key));
    if (name === "next" && n.args[0]?.when) return this.tex(n.args[0].when);
    if (name === "arange") return args.length >= 3 ? "2i" : "i";
    if (name === "clamp" || name === "clip" || name === "clamp_" || name === "clip_") {
      const low = n.named.min ? this.tex(n.named.min) : n.named.a_min ? this.tex(n.named.a_min) : all[1];
      const high = n.named.max ? this.tex(n.named.max) : n.named.a_max ? this.tex(n.named.a_max) : all[2];
      if (high === undefined) return `\\max(${low ?? 0},${all[0]})`;
      if (low === undefined) return `\\min(${all[0]},${high})`;
      return `\\mathrm{clip}(${all[0]},${low},${high})`;
    }
    if (name === "binary_cross_entropy_with_logits" || name === "BCEWithLogitsLoss") return CALLS.binary_cross_entropy(`\\sigma(${all[0] ?? "z"})`, all[1] ?? "y");
    if (name === "BCELoss") return CALLS.binary_cross_entropy("\\hat{y}", "y");
    if (name === "add_" || name === "sub_" || name === "add" || name === "sub") {
      const scaled = n.named.alpha ? this.tex(n.named.alpha) : null;
      if (scaled && all.length > 1) return CALLS[name](all[0], `${wrap(scaled)} ${wrap(all[1])}`);
    }
    // x.sum(-1), x.mean(0), x.max(dim): the number is an axis, not an operand
    const axis = self !== null || n.args.slice(1).every((a) => a.t === "num" || a.t === "neg" || a.t === "tuple");
    if (/^(sum|mean|std|var|prod|max|min|softmax|log_softmax|amax|amin|norm|cumsum|cumprod|logsumexp|argmax|argmin|normalize|cat|concat|sort|transpose|permute|swapaxes|nansum|cosine_similarity)$/.test(name) && (self !== null || n.args.length > 1)) {
      const keep = /^(cosine_similarity)$/.test(name) ? 2 : 1;
      if (/^(max|min)$/.test(name) && n.args.length && !axis) return CALLS[name](...all);
      if (/^(max|min)$/.test(name) && self === null && n.args.length > 1 && n.args[1].t !== "neg" && (n.args[1].t !== "num" || n.args[0].t === "num")) return CALLS[name](...all);
      if (/^(max|min)$/.test(name) && self === null && n.args.length > 1 && rootName(n.f) === "") return CALLS[name](...all);
      if (all.length) return CALLS[name] ? CALLS[name](...all.slice(0, keep)) : null;
    }
    if (name === "topk") return `\\mathrm{TopK}(${all[0] ?? "x"},${all[1] ?? "k"})`;
    if (Object.hasOwn(CALLS, name) && (all.length || CALLS[name].length === 0)) return CALLS[name](...all);
    return null;
  }

  layer(name, args) {
    const inside = args.join(",");
    if (RMS.test(name)) return `\\mathrm{RMSNorm}(${inside})`;
    if (NORM.test(name)) return `\\mathrm{LN}(${inside})`;
    if (EMBED.test(name) && args.length) return /p/.test(name.replace(/emb.*/, "")) ? `P[${args[0]}]` : `E[${args[0]}]`;
    if (NOISE.test(name)) return `\\epsilon_\\theta(${inside})`;
    if (BLOCK.test(name)) return `F(${args[0] ?? ""})`;
    if (LAYER.test(name) && args.length === 1) {
      return `${weightTex(name)} ${wrap(args[0])}`;
    }
    return null;
  }
}

const rootName = (n) => (n.t === "name" ? n.s : n.t === "attr" || n.t === "index" ? rootName(n.a) : "");

/** The lines as they stand, each an equation: a formula may be written the way the program is. */
function listed(list) {
  const equations = list.filter(({ lhs, rhs }) => lhs && lhs.t !== "tuple" && rhs.t !== "num" && rhs.t !== "none");
  if (equations.length < 2) return "";
  const writer = new Writer(new Map());
  return equations.slice(-6).map(({ lhs, rhs }) => `${writer.tex(lhs)}=${writer.tex(rhs)}`).join(",\\quad ");
}

/**
 * @param {string} source
 * @returns {{tex: string, lines: string, words: string[]} | null} words: names and calls, for the search by name
 */
export function codeToTex(source) {
  const list = statements(source.slice(0, 1500));
  const low = source.toLowerCase();
  const hints = HINTS.filter(([sign]) => sign.test(low)).map(([, words]) => words);
  if (!list.length) return hints.length ? { tex: "", lines: "", words: hints.flatMap((w) => w.split(" ")) } : null;
  const writer = new Writer(new Map());
  writer.attention = /\bx?q\b|query/.test(source) && /\bx?k\b|key/.test(source) && /@|matmul|einsum|transpose|bmm|\.T\b/.test(source);
  // line by line, each name stands for the formula it was given last
  for (const { lhs, rhs } of list.slice(0, -1)) {
    if (lhs?.t !== "name" || rhs.t === "num" || rhs.t === "name") continue;
    const tex = writer.tex(rhs);
    if (tex && tex.length < 300) writer.env.set(lhs.s, tex);
  }
  const last = list[list.length - 1];
  const rhs = writer.tex(last.rhs);
  let lhs = "";
  if (last.lhs && last.lhs.t !== "tuple") {
    const plain = new Writer(new Map());
    lhs = plain.tex(last.lhs);
    writer.words.push(...plain.words);
  }
  // a name that only programs have (out, attn) says nothing of the formula
  if (/^\\mathrm\{\w+\}$/.test(lhs)) lhs = "";
  const tex = lhs && lhs !== rhs ? `${lhs}=${rhs}` : rhs;
  if (tex.length < 60) for (const m of source.matchAll(/\b(softmax|sigmoid|gelu|relu|silu|softplus)\b/g)) writer.words.push(m[1]);
  const words = writer.words.flatMap((w) => (/[\u4e00-\u9fff]/.test(w) ? w.split(" ") : w.split(/_|(?<=[a-z])(?=[A-Z])/))).filter((w) => w.length > 1);
  const defined = /\bdef\s+(\w+)/.exec(source)?.[1] ?? "";
  // what a program calls its things, though a formula has one letter for them
  for (const [name] of source.replace(/#[^\n]*|"[^"]*"|'[^']*'/g, "").matchAll(/[A-Za-z_]\w{2,}/g)) {
    if (![MODULES, IDENTITY, PLAIN].some((known) => known.has(name)) && !Object.hasOwn(CALLS, name)) words.push(name);
  }
  words.push(...hints.flatMap((w) => w.split(" ")), ...defined.split("_").filter((w) => w.length > 2));
  const comment = [...source.matchAll(/#\s*([^\n]+)/g)].map((m) => m[1]);
  return tex.trim() || hints.length ? { tex, lines: listed(list), words: [...new Set([...words, ...comment])] } : null;
}
