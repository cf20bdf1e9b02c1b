/**
 * The index, off the page's thread. Messages in:
 *   {load: [url, url, url]}        fetch the formulas and build the index; then other words for them; details when asked for
 *   {seq, query, limit, atOnce}    search; so many of the answers come first
 *   {details: id}                  symbols, drawn, and code of one formula
 * Messages out:
 *   {ready: number of formulas}    or {failed: message}
 *   {learnt: true}                 the other words are known: what was asked before may have a better answer now
 *   {seq, asked, count, hits, cards}   hits: {id, score, spans, renamed}; cards: what the page has not had yet
 *   {seq, below: true, hits, cards}    the rest of the answers
 *   {details: id, rows, code, spelt}   or {details: id, failed: message}
 */
let loading = null;

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`公式清单没有取到（${answer.status}）`);
  return answer.json();
}

async function load([url, asked, details]) {
  // Imported here, so that a message that comes while the modules still load is not lost.
  const [{ answers }, formulas] = await Promise.all([import("./answer.js"), json(url)]);
  const made = answers(formulas, () => json(asked), () => postMessage({ learnt: true }), () => json(details));
  postMessage({ ready: formulas.length });
  return made;
}

self.onmessage = async ({ data }) => {
  try {
    if (data.load) { loading = load(data.load); await loading; return; }
    const made = await loading;
    if (data.details) { postMessage({ details: data.details, ...await made.details(data.details) }); return; }
    await made.ready(data.query);
    for (const part of made.search(data.query, data.limit, data.atOnce)) postMessage({ seq: data.seq, ...part });
  } catch (error) {
    postMessage({ ...data, failed: error.message });
  }
};
