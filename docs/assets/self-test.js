/** Cards of the self-test: an answer comes from its page when asked for; what is known is kept in this browser only. */
const STORE = "self-test";
const cards = [...document.querySelectorAll(".card")];

let known = {};
try {
  known = Object(JSON.parse(localStorage.getItem(STORE)));
} catch { /* a blocked or broken store: the cards still work, they only forget */ }

function keep() {
  try { localStorage.setItem(STORE, JSON.stringify(known)); } catch { /* as above */ }
}

const count = document.querySelector(".card-count"), only = document.getElementById("cards-open");

function refresh() {
  const sure = cards.filter((card) => known[card.dataset.key] === true).length;
  count.textContent = `${cards.length} 张，会的 ${sure} 张。`;
  for (const card of cards) {
    const state = known[card.dataset.key];
    card.dataset.state = state === true ? "known" : state === false ? "unknown" : "";
    card.hidden = only.checked && state === true;
  }
}

const pages = new Map();
async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
const fetched = (url) => {
  // what was lost may be asked for again
  if (!pages.has(url)) pages.set(url, read(url).catch((error) => { pages.delete(url); throw error; }));
  return pages.get(url);
};

async function open(card, place) {
  place.textContent = "正在取答案…";
  const url = new URL(card.dataset.page, location.href);
  try {
    const page = await fetched(url.href);
    const answer = page.querySelectorAll("details.question")[Number(card.dataset.number)].cloneNode(true);
    answer.querySelector("summary").remove();
    // Links and pictures are relative to the page that they come from.
    for (const a of answer.querySelectorAll("a[href]")) a.href = new URL(a.getAttribute("href"), url).href;
    for (const i of answer.querySelectorAll("img[src]")) i.src = new URL(i.getAttribute("src"), url).href;
    place.replaceChildren(...answer.childNodes);
  } catch {
    place.textContent = "答案没有取到，请再点一次，或点上面的链接去原页看。";
  }
}

for (const card of cards) {
  const place = Object.assign(document.createElement("div"), { className: "card-answer" });
  place.setAttribute("aria-live", "polite");
  card.append(place);
  const mark = (value) => () => { known[card.dataset.key] = value; keep(); refresh(); };
  const acts = [() => open(card, place), mark(true), mark(false)];
  card.querySelectorAll("button").forEach((button, i) => button.addEventListener("click", acts[i]));
}
const [draw, forget] = document.querySelectorAll(".card-controls button");
draw.addEventListener("click", () => {
  const left = cards.filter((card) => known[card.dataset.key] !== true);
  const card = left[Math.floor(Math.random() * left.length)];
  card?.scrollIntoView({ block: "center" });
  card?.querySelector("button").focus();
  card?.animate({ outline: ["3px solid var(--md-typeset-a-color)", "3px solid transparent"] }, 3000); // which one it is
});
forget.addEventListener("click", () => { known = {}; keep(); refresh(); });
only.addEventListener("change", refresh);
refresh();
