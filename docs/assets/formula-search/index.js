/**
 * Formula search. In Node, and for everyone but the page's worker:
 *
 *   import { createIndex } from "./index.js";
 *   const index = createIndex(formulas);              // [{id, tex, title, en, aliases, page, context, …}]
 *   index.search("softmax(QK^T/√d)V", { limit: 10 }); // [{id, score, spans, renamed}], best first
 *   index.understand("QKᵀ/√dₖ");                      // how the input was read: {kind, tex, text}
 */
import { codeToTex } from "./code.js";
import { createIndex, readCodeWith } from "./engine.js";

readCodeWith(codeToTex);
export { createIndex };
