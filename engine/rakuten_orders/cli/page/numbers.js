"use strict";
// Which carriers a tracking number fits, and how surely: the rules of the program that made this page.
// Patterns, the shapes that check digits need and the limits come with the page's data.

const CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DROPPED = /[\p{Zs}\p{Zl}\p{Zp}\p{Pd}\p{Cc}\p{Cf}\p{Cs}.\u2212]/gu;
const GRADES = ["certain", "likely", "possible"];

function clean(received) {
  return received.replace(DROPPED, "").toUpperCase();
}

// Check digits. Each function gives the characters that may stand in the check's place, from the rest of the number.

const digits = (text) => Array.from(text, Number);
const weighted = (values, weights) => values.reduce((sum, value, at) => sum + value * weights[at % weights.length], 0);
const complement = (total) => String((10 - (total % 10)) % 10);
const upsValues = (text) =>
  Array.from(text, (char) => (char <= "9" ? Number(char) : (char.charCodeAt(0) - 63) % 10));
const mod7 = (body) => String(digits(body).reduce((rest, digit) => (rest * 10 + digit) % 7, 0));
const mod11 = (body) => 11 - (weighted(digits(body).reverse(), [2, 3, 4, 5, 6, 7]) % 11);

function s10Digit(serial) {
  const check = 11 - (weighted(digits(serial), [8, 6, 4, 2, 3, 5, 9, 7]) % 11);
  return { 10: "0", 11: "5" }[check] ?? String(check);
}

function luhn(body) {
  const doubled = digits(body).reverse().map((digit, at) => (at % 2 ? digit : digit * 2));
  return complement(doubled.reduce((sum, value) => sum + Math.floor(value / 10) + (value % 10), 0));
}

function iso7064(body) {
  const rest = Array.from(body).reduce(
    (check, char) => ((((check || 36) * 2) % 37) + CHARACTERS.indexOf(char)) % 36,
    18,
  );
  return CHARACTERS[(37 - (((rest || 36) * 2) % 37)) % 36];
}

function mondialRelay(body) {
  const label = body.slice(0, 14);
  const parcel = Number(label.slice(10, 12));
  const parcels = Number(label.slice(12, 14));
  if (body[14] !== String((mod11(label) % 11) % 10) || parcel < 1 || parcel > parcels) return "";
  return String((mod11(body.slice(15)) % 11) % 10);
}

function sfExpress(body) {
  const products = digits(body.slice(-8)).reverse().map((digit, at) => digit * (2 * at + 1));
  return complement(products.reduce((sum, value) => sum + Math.floor(value / 10) + (value % 10), 0));
}

const EXPECTED = {
  "correos-mod23": (body) =>
    "TRWAGMYFPDXBNJZSQVHLCKE"[Array.from(body).reduce((sum, char) => sum + char.charCodeAt(0), 0) % 23],
  "evri-mod10": (body) => String(weighted(upsValues(body), [2, 1]) % 10),
  "fedex12-mod11": (body) => String((weighted(digits(body), [3, 1, 7]) % 11) % 10),
  "fedex34-mod11": (body) => String((weighted(digits(body.slice(-13)), [1, 7, 3]) % 11) % 10),
  "gls-mod10-plus1": (body) => complement(weighted(digits(body).reverse(), [3, 1]) + 1),
  "gs1-mod10": (body) => complement(weighted(digits(body).reverse(), [3, 1])),
  "hermes-de-mod10": (body) => complement(weighted(digits(body), [3, 1])),
  "identcode-mod10-4-9": (body) => complement(weighted(digits(body), [4, 9])),
  "iso7064-mod37-36": iso7064,
  luhn,
  "mod11-2to7": (body) => ({ 10: "0", 11: "01" })[mod11(body)] ?? String(mod11(body)),
  mod7,
  "mondial-relay-26": mondialRelay,
  "ontrac-mod10": (body) => complement(weighted(upsValues(body), [1, 2])),
  s10: (body) => s10Digit(body.slice(2, 10)),
  "sf-express": sfExpress,
  "tnt-mod7-or-mod11": (body) => mod7(body) + s10Digit(body),
  "ups-mod10": (body) => complement(weighted(upsValues(body.slice(2)), [1, 2])),
  "ups-waybill-mod10": (body) => complement(weighted(digits(body.slice(1)), [1, 2])),
};

const compiled = new Map();

function fitsWhole(pattern, text) {
  if (!compiled.has(pattern)) compiled.set(pattern, new RegExp(`^(?:${pattern})$`, "u"));
  return compiled.get(pattern).test(text);
}

// algorithm: {name, shape, position}, from the page's data
function holds(algorithm, number, tail) {
  let characters = Array.from(number);
  if (tail) {
    if (tail > characters.length) return false;
    characters = characters.slice(-tail);
  }
  if (!fitsWhole(algorithm.shape, characters.join(""))) return false;
  const [check] = characters.splice(algorithm.position, 1);
  return EXPECTED[algorithm.name](characters.join("")).includes(check);
}

// set: {carriers, algorithms, few, longest}; a format: {pattern, checksum, tail, distinctive, room}, its pattern null where
// it cannot be tried here. Gives the cleaned number, the carriers that it fits, best first, and those whose form it
// has with a wrong check digit.
function detect(set, received) {
  const number = clean(received);
  const known = set.carriers.flatMap((carrier) => carrier.formats.map((format) => ({ carrier, format })));
  const formed = known.filter(({ format }) => format.pattern !== null && matches(set, format, number));
  const fits = formed.filter(
    ({ format }) => !format.checksum || holds(set.algorithms[format.checksum], number, format.tail),
  );
  const operators = (wanted) => new Set(fits.filter(({ format }) => wanted(format)).map(({ carrier }) => carrier.operator));
  const shaped = operators((format) => format.distinctive).size;
  const proven = operators((format) => format.checksum).size;
  const plain = [...operators((format) => format.checksum && format.distinctive)];
  const best = new Map();
  for (const { carrier, format } of fits) {
    const owned = format.distinctive || plain.every((operator) => operator === carrier.operator);
    const graded = grade(format, shaped, proven, owned, set.few);
    const rank = [GRADES.indexOf(graded.grade), Number(!carrier.listed), format.room];
    const before = best.get(carrier.code);
    if (!before || compare(rank, before.rank) < 0) best.set(carrier.code, { rank, carrier: carrier.code, ...graded });
  }
  const found = [...best.values()]
    .sort((a, b) => compare(a.rank, b.rank) || (a.carrier < b.carrier ? -1 : 1))
    .map(({ carrier, grade: how, because }) => ({ carrier, grade: how, because }));
  const wrong = new Set(formed.map(({ carrier }) => carrier.code).filter((code) => !best.has(code)));
  return { number, found, wrong: [...wrong] };
}

function matches(set, format, number) {
  return Array.from(number).length <= set.longest && fitsWhole(format.pattern, number);
}

// owned: no other operator's own form has the check digit too
function grade(format, shaped, proven, owned, few) {
  if (format.checksum && format.distinctive && shaped === 1) return { grade: "certain", because: "alone" };
  if (format.distinctive && shaped <= few) return { grade: "likely", because: "letters" };
  if (format.checksum && proven <= few && owned) return { grade: "likely", because: "check" };
  return { grade: "possible", because: "form" };
}

// Below zero where the first list of numbers comes before the second.
function compare(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
}
