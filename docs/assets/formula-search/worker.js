/**
 * The index, off the page's thread. Messages in:
 *   {load: url}                    fetch the formulas and build the index
 *   {seq, query, limit}            search
 * Messages out:
 *   {ready: number of formulas}    or {failed: message}
 *   {seq, asked, hits, cards}      hits: {id, score, spans, renamed}; cards: what the page has not had yet
 */
let index = null;
let render = null;
let byId = new Map();
let loading = null;
const sent = new Set();
const cards = new Map();

function cardOf(id) {
  if (cards.has(id)) return cards.get(id);
  const f = byId.get(id);
  const made = {
    id, title: f.title || f.en || f.tex, en: f.en && f.en !== f.title ? f.en : "", tex: f.tex, url: f.url || f.page || "",
    math: render.html(render.placed(f.tex, index.spans(id)), { display: true, ours: true }) ?? render.html(f.tex, { display: true }),
    meaning: render.prose(f.meaning || f.context), symbols: render.symbolRows(f.symbols), where: [f.page_title, f.section].filter(Boolean).join(" › "),
  };
  cards.set(id, made);
  return made;
}

/** Draws the rest while nobody waits, a few at a time so that a keystroke finds the thread free. */
function drawAhead(ids) {
  if (!ids.length) return;
  setTimeout(() => { ids.slice(0, 4).forEach(cardOf); drawAhead(ids.slice(4)); }, 15);
}

async function load(url) {
  // Imported here, so that a message that comes while the modules still load is not lost.
  const [{ createIndex }, drawing, answer] = await Promise.all([import("./index.js"), import("./render.js"), fetch(url)]);
  if (!answer.ok) throw new Error(`公式清单没有取到（${answer.status}）`);
  const formulas = await answer.json();
  byId = new Map(formulas.map((f) => [f.id, f]));
  render = drawing;
  const made = createIndex(formulas);
  index = made;
  postMessage({ ready: formulas.length });
  if (formulas.length <= 2000) drawAhead([...byId.keys()]);
}

self.onmessage = async ({ data }) => {
  try {
    if (data.load) { loading = load(data.load); await loading; return; }
    await loading;
    const asked = index.understand(data.query);
    const hits = index.search(asked, { limit: data.limit, detail: true });
    const fresh = hits.map((hit) => hit.id).filter((id) => !sent.has(id));
    fresh.forEach((id) => sent.add(id));
    postMessage({
      seq: data.seq,
      asked: { kind: asked.kind, reading: asked.tex ? render.html(asked.tex) : null, text: asked.soft ? "" : asked.text },
      hits: hits.map((hit) => ({ ...hit, renamed: (hit.renamed ?? []).slice(0, 6).map((pair) => pair.map((name) => ({ name, html: render.html(render.nameTex(name)) }))) })),
      cards: fresh.map(cardOf),
    });
  } catch (error) {
    postMessage({ failed: error.message, seq: data.seq });
  }
};
