/** Cards of the self-test: an answer comes from its page when asked for; what is known is kept in this browser only. */
const STORE = "self-test";
const cards = [...document.querySelectorAll(".card")];
const key = (card) => `${card.dataset.page.slice(3)}${card.querySelector(".card-question").textContent}`;

let known = {};
try {
  known = JSON.parse(localStorage.getItem(STORE)) ?? {};
} catch { /* a blocked or broken store: the cards still work, they only forget */ }

function keep() {
  try { localStorage.setItem(STORE, JSON.stringify(known)); } catch { /* as above */ }
}

const button = (text, act) => {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
};

const count = Object.assign(document.createElement("p"), { className: "card-count" });
count.setAttribute("role", "status");
const only = Object.assign(document.createElement("input"), { type: "checkbox", id: "cards-open" });

function refresh() {
  const sure = cards.filter((card) => known[key(card)] === true).length;
  count.textContent = `${cards.length} 张，会的 ${sure} 张。`;
  for (const card of cards) {
    const state = known[key(card)];
    card.dataset.state = state === true ? "known" : state === false ? "unknown" : "";
    card.hidden = only.checked && state === true;
  }
}

const pages = new Map();
const fetched = (url) => {
  if (!pages.has(url)) pages.set(url, fetch(url).then((r) => r.text()).then((text) => new DOMParser().parseFromString(text, "text/html")));
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
    place.textContent = "答案没有取到，请点上面的链接去原页看。";
  }
}

for (const card of cards) {
  const place = Object.assign(document.createElement("div"), { className: "card-answer" });
  place.setAttribute("aria-live", "polite");
  const mark = (value) => () => { known[key(card)] = value; keep(); refresh(); };
  const bar = Object.assign(document.createElement("p"), { className: "card-buttons" });
  bar.append(button("看答案", () => open(card, place)), button("会", mark(true)), button("不会", mark(false)));
  card.append(bar, place);
}
const label = Object.assign(document.createElement("label"), { htmlFor: only.id, textContent: " 只看还不会的" });
const controls = Object.assign(document.createElement("p"), { className: "card-controls" });
controls.append(only, label, " ", button("随便来一张", () => {
  const left = cards.filter((card) => known[key(card)] !== true);
  const card = left[Math.floor(Math.random() * left.length)];
  card?.scrollIntoView({ block: "center" });
  card?.querySelector("button").focus();
  card?.animate({ outline: ["3px solid var(--md-typeset-a-color)", "3px solid transparent"] }, 3000); // which one it is
}), " ", button("清空记录", () => { known = {}; keep(); refresh(); }));
document.querySelector("[data-cards]").prepend(count, controls);
only.addEventListener("change", refresh);
refresh();
