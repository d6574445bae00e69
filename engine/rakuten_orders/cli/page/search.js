"use strict";
// Finding a carrier by name, other name, code or country: accents, case, blanks and signs make no difference, and a
// misspelt name finds the nearest ones.

const MOST_NEAR = 8;

const unaccented = (text) =>
  text.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
const fold = (text) => unaccented(text).replace(/[^\p{L}\p{N}]/gu, "");
const wordsOf = (text) => unaccented(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// carrier: {code, name, aliases, countries, listed}; countryNames gives the names of a country's code, in any languages
function indexed(carrier, countryNames) {
  const names = [carrier.code, carrier.name, ...carrier.aliases];
  const lands = carrier.countries.flatMap(countryNames);
  return {
    code: carrier.code,
    listed: carrier.listed,
    names: [...new Set(names.map(fold))],
    words: [...new Set(names.flatMap(wordsOf))],
    countries: carrier.countries.map((code) => code.toLowerCase()),
    lands: [...new Set(lands.flatMap((land) => [fold(land), ...wordsOf(land)]))],
  };
}

// The codes that a query finds, best first, and whether they are only near it. An empty query finds all.
function search(index, query) {
  const folded = fold(query);
  if (!folded) return { codes: index.map((entry) => entry.code), near: false };
  const words = wordsOf(query);
  const found = ordered(index, (entry) => closeness(entry, folded, words));
  return found.length ? { codes: found, near: false } : { codes: nearest(index, folded), near: true };
}

// The alias that answers a query better than name, code and country do; undefined where none does.
function aliasFor(carrier, query) {
  const folded = fold(query);
  const within = (name) => fold(name).includes(folded);
  const near = (name) => edits(fold(name), folded) <= editsAllowed(folded);
  const own = [carrier.name, carrier.code];
  if (folded.length < 3 || own.some(within)) return undefined;
  return carrier.aliases.find(within) ?? (own.some(near) ? undefined : carrier.aliases.find(near));
}

function ordered(index, measure) {
  return index
    .map((entry) => ({ code: entry.code, listed: entry.listed, measure: measure(entry) }))
    .filter((entry) => entry.measure < Infinity)
    .sort((a, b) => a.measure - b.measure || Number(b.listed) - Number(a.listed))
    .map((entry) => entry.code);
}

// 0 the name itself, 1 its beginning, 2 a word's beginning, 3 somewhere in a name, 4 a country, or words of both.
function closeness(entry, folded, words) {
  if (entry.names.includes(folded)) return 0;
  if (entry.names.some((name) => name.startsWith(folded))) return 1;
  if (entry.words.some((word) => word.startsWith(folded))) return 2;
  if (folded.length > 2 && entry.names.some((name) => name.includes(folded))) return 3;
  return isPartOf(entry, folded) || words.every((word) => isPartOf(entry, word)) ? 4 : Infinity;
}

function isPartOf(entry, word) {
  const starts = (other) => other.startsWith(word);
  return entry.words.some(starts) || entry.countries.includes(word) || (word.length > 2 && entry.lands.some(starts));
}

const editsAllowed = (folded) => (folded.length < 3 ? 0 : folded.length < 5 ? 1 : folded.length < 9 ? 2 : 3);

function nearest(index, folded) {
  const allowed = editsAllowed(folded);
  const measured = index.map((entry) => ({ code: entry.code, measure: leastEdits(entry, folded, allowed) }));
  const least = Math.min(...measured.map((entry) => entry.measure));
  if (least > allowed) return [];
  return measured
    .filter((entry) => entry.measure <= Math.min(least + 1, allowed))
    .sort((a, b) => a.measure - b.measure)
    .slice(0, MOST_NEAR)
    .map((entry) => entry.code);
}

function leastEdits(entry, folded, allowed) {
  const near = [...entry.names, ...entry.words].filter((name) => Math.abs(name.length - folded.length) <= allowed);
  return Math.min(Infinity, ...near.map((name) => edits(name, folded)));
}

// Letters added, left out, changed, or exchanged with their neighbour.
function edits(one, other) {
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        next[j] = Math.min(next[j], before[j - 2] + 1);
      }
    }
    before = row;
    row = next;
  }
  return row[other.length];
}
