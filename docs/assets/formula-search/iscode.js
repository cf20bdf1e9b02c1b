/** Whether an input is a program. Small, so that code.js need only come when one is typed. */
const SIGNS = [
  [/\b(torch|np|numpy|math|nn|F|tf|jnp|jax|self|scipy)\s*\.\s*\w/, 3],
  [/\.(transpose|mean|sum|pow|log|exp|sqrt|softmax|view|reshape|norm|std|var|max|min|clamp|T|mT|data|grad|item|detach|float|abs|mul_|add_|sub_|unsqueeze|masked_fill|matmul|square|sigmoid|backward|append)\b(?!\w)/, 2],
  [/\b(dim|axis|keepdims?|unbiased|reduction|dtype|is_causal|requires_grad)\s*=/, 3],
  [/\w\.\w+\(\s*\)/, 3], [/\b[a-z]{3,}_[a-z]{3,}\b[^]*\b[a-z]{3,}_[a-z]{3,}\b/, 2], [/(^|[^.\w])(sqrt|exp)\(/, -1],
  [/\*\*/, 2], [/\w\s@\s*\w|\)\s*@/, 2], [/\b(def|return|lambda|import|for\s+[\w, ]+\s+in|None|True|False)\b/, 2],
  [/[-+*/]=(?!=)/, 2], [/\bif\b.*\belse\b/, 3], [/\b[a-z]+_[a-z]{2,}(_[a-z]+)*\b/, 1], [/\b[a-z]{3,}_[a-z]\w*\s*\(/, 1], [/(?<!\bE)(?<=\w)\[\w+\s*[-+]?\s*\d*\]/, 1], [/\b\d+e-\d+\b/, 2], [/\)\.\w+\(/, 3], [/\b[a-z]{4,}\b\s*[-+*/]\s*\(?\b[a-z]{4,}\b/, 2],
  [/\w \* \w/, 1], [/^\s*[a-z]\w+\s*=\s*\S/, 1], [/\b(rotate_half|cross_entropy|logsigmoid|log_softmax|mse_loss|layer_norm|matmul|einsum|softplus|rsqrt|clamp|bmm|logsumexp|zeros_like|arange)\b/, 3],
  [/\w & \w/, 3], [/^\s*\w+ = [^]*\n\s*\w+ [-+*/]?= /, 2], [/\w\|\w/, -2], [/^\s*[a-z]+_[a-z]{3,}\w*\s*=\s/, 2],
  [/\b(lr|grad|logits|logp|beta1|beta2|num_\w+|noise|eps)\b/, 1],
  [/\b[a-z]+_[a-z]+_[a-z]+\b/, 1], [/\blen\(/, 2],
];

/** @param {string} text */
export function looksLikeCode(text) {
  if (/\\[a-zA-Z]|[\u0370-\u03ff\u2200-\u22ff√ᵀ₀-₉]/.test(text)) return false;
  let score = 0;
  for (const [sign, weight] of SIGNS) if (sign.test(text)) score += weight;
  if (/\^/.test(text)) score -= 3;
  if (/[{}]/.test(text)) score -= 1;
  return score >= 3;
}
