"use strict";
// The page's two boxes: one narrows the list of carriers, the other says which carriers a tracking number fits.

const page = JSON.parse(document.getElementById("page-data").textContent);
const text = page.texts;
const byCode = new Map(page.carriers.map((carrier) => [carrier.code, carrier]));
const element = (id) => document.getElementById(id);
const cardOf = (code) => element(`carrier-${code}`);

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const counted = (key, count, values = {}) =>
  filled(text[`${key}_${count === 1 ? "one" : "many"}`], { count: count.toLocaleString(page.language), ...values });

// Countries: the files have codes; the browser knows their names.

const namesOfCountries = [page.language, "en", "fr"].map((language) => {
  const names = new Intl.DisplayNames([language], { type: "region", fallback: "code" });
  return (code) => names.of(code);
});
const countryName = namesOfCountries[0];

function nameCountries() {
  for (const place of document.querySelectorAll("[data-countries]")) {
    const names = place.dataset.countries.split(" ").map(countryName);
    place.textContent = names.sort((a, b) => a.localeCompare(b, page.language)).join(", ");
  }
}

// The list.

const index = page.carriers.map((carrier) =>
  indexed(carrier, (code) => [...new Set(namesOfCountries.map((name) => name(code)))]),
);

function narrow() {
  const query = element("query").value.trim();
  const { codes, near } = search(index, query);
  const shown = new Set(codes);
  for (const carrier of page.carriers) {
    cardOf(carrier.code).hidden = !shown.has(carrier.code);
    tellAlias(carrier, query);
  }
  element("cards").append(...codes.map(cardOf));
  element("count").textContent = summary(query, codes.length, near);
  element("none").hidden = codes.length > 0;
}

// By which other name a carrier was found, where its own does not show it.
function tellAlias(carrier, query) {
  const alias = aliasFor(carrier, query);
  const place = cardOf(carrier.code).querySelector(".via");
  place.hidden = !alias;
  place.textContent = alias ? filled(text.via, { alias }) : "";
}

function summary(query, count, near) {
  if (!query) return counted("all", count);
  if (!count) return filled(text.none, { query });
  return counted(near ? "near" : "found", count, { query });
}

function show(code) {
  if (cardOf(code).hidden) {
    element("query").value = "";
    narrow();
  }
  const card = cardOf(code);
  card.querySelector("details").open = true;
  card.querySelector("h3").focus({ preventScroll: true });
  card.scrollIntoView({ block: "start" });
}

// The number.

function tell() {
  const received = element("number").value;
  const { number, found, wrong } = detect(page, received);
  const suspects = found.length ? [] : wrong;
  element("verdict").textContent = number ? verdict(number, found.length, suspects.length) : "";
  element("fits").replaceChildren(
    ...(number ? [...page.grades.flatMap((grade) => group(grade, found)), ...suspected(suspects), ...untried(number)] : []),
  );
}

function verdict(number, count, suspects) {
  if (count) return counted("fits", count, { number });
  return suspects ? filled(text.wrong_check, { number }) : filled(text.fits_none, { number });
}

function group(grade, found) {
  const graded = found.filter((one) => one.grade === grade);
  if (!graded.length) return [];
  const reasons = [...new Set(graded.map((one) => one.because))];
  const parts = reasons.map((because) => [
    text[`because_${because}`],
    graded.filter((one) => one.because === because).map((one) => one.carrier),
  ]);
  return [titled(text[`grade_${grade}`], grade, parts)];
}

const suspected = (codes) => (codes.length ? [titled(text.suspects, "wrong", [[text.suspects_hint, codes]])] : []);

// Formats that only the program itself can try.
function untried() {
  const codes = page.carriers
    .filter((carrier) => carrier.formats.some((format) => format.pattern === null))
    .map((carrier) => carrier.code);
  return codes.length ? [titled(text.untried, "untried", [[text.untried_hint, codes]])] : [];
}

// parts: for each reason, the sentence and the codes of the carriers that it holds for
function titled(title, kind, parts) {
  const section = made("section", `fit fit-${kind}`);
  section.append(made("h3", "", title));
  for (const [hint, codes] of parts) {
    const links = made("ul", "names");
    links.append(...codes.map(linkTo));
    section.append(made("p", "hint", hint), links);
  }
  return section;
}

function linkTo(code) {
  const link = made("a", "", byCode.get(code).name);
  link.href = `#carrier-${code}`;
  const entry = made("li");
  entry.append(link);
  return entry;
}

function made(tag, className = "", content = "") {
  const one = document.createElement(tag);
  if (className) one.className = className;
  one.textContent = content;
  return one;
}

// Links to a carrier show it, whatever the list was narrowed to.
function follow(event) {
  const link = event.target.closest('a[href^="#carrier-"]');
  if (!link) return;
  event.preventDefault();
  const code = link.getAttribute("href").slice("#carrier-".length);
  history.replaceState(null, "", `#carrier-${code}`);
  show(code);
}

nameCountries();
for (const place of document.querySelectorAll("[data-needs-script]")) place.hidden = false;
element("query").addEventListener("input", narrow);
element("number").addEventListener("input", tell);
document.addEventListener("click", follow);
// A browser that comes back to the page may have kept what was typed.
narrow();
tell();
const asked = location.hash.slice("#carrier-".length);
if (location.hash.startsWith("#carrier-") && byCode.has(asked)) show(asked);
