/** Filters of the errata page. The address carries the choice (?topic=…&verdict=…), so that it can be shared. */
const rows = [...document.querySelectorAll("[data-verdict]")];
const sections = [...document.querySelectorAll("[data-errata] > section")];
const fields = {};
const asked = new URL(location.href).searchParams;
const form = document.createElement("form");
const status = document.createElement("p");
status.setAttribute("role", "status");

const topicOf = (row) => row.closest("section").dataset.topic;
const fits = (row, topic, verdict) => (!topic || topicOf(row) === topic) && (!verdict || row.dataset.verdict === verdict);
const count = (topic, verdict) => rows.filter((row) => fits(row, topic, verdict)).length;

function field(name, label, options) {
  const select = document.createElement("select");
  for (const [value, text] of [["", "全部"], ...options]) {
    const option = new Option(text, value);
    option.dataset.name = text;
    select.append(option);
  }
  select.value = options.some(([value]) => value === asked.get(name)) ? asked.get(name) : "";
  select.addEventListener("change", refresh);
  const named = Object.assign(document.createElement("label"), { textContent: label });
  named.append(select);
  form.append(named);
  fields[name] = select;
}

function refresh() {
  const topic = fields.topic.value, verdict = fields.verdict.value;
  for (const row of rows) row.hidden = !fits(row, topic, verdict);
  for (const section of sections) section.hidden = !section.querySelector("[data-verdict]:not([hidden])");
  // Each choice says how much it would leave beside the other one.
  const say = (option, left) => { option.text = `${option.dataset.name}（${left}）`; option.disabled = !left; };
  for (const option of fields.topic.options) say(option, count(option.value, verdict));
  for (const option of fields.verdict.options) say(option, count(topic, option.value));
  status.textContent = `显示 ${count(topic, verdict)} 条，共 ${rows.length} 条。`;
  const address = new URL(location.href);
  for (const [name, { value }] of Object.entries(fields)) value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}

field("topic", "主题", sections.map((section) => [section.dataset.topic, section.dataset.title]));
field("verdict", "判定", [...new Set(rows.map((row) => row.dataset.verdict))].map((verdict) => [verdict, verdict]));
form.append(Object.assign(document.createElement("button"), { type: "reset", textContent: "全部显示" }));
form.addEventListener("reset", () => { for (const select of Object.values(fields)) select.value = ""; refresh(); });
form.addEventListener("submit", (event) => event.preventDefault());
document.querySelector(".errata-filter").append(form, status);
refresh();
