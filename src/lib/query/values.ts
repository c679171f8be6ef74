import {addressKey, addressOf} from "../address-key.js";
import {knownServices} from "../names.js";
import {type Operator, QueryError, type Test, type Value} from "./ast.js";
import {type Field, fields, protoNumbers} from "./fields.js";

interface Word {
  readonly kind: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** The value of a field that a piece of a query stands for. Throws a QueryError where it is none. */
export function readValue(field: Field, operator: Operator, word: Word): Value {
  const {text, kind, from, to} = word;
  if (kind === "word" && text.toLowerCase() === "none") return {kind: "none"};
  if (field.kind === "text") return {kind: "text", text: text.toLowerCase()};
  if (field.kind === "address") {
    const addresses = operator === "~" ? null : addressesOf(text);
    if (addresses) return addresses;
    if (/^[\d.:a-f/]*[:/][\d.:a-f/]*$/i.test(text) || /^[\d./]+$/.test(text))
      throw new QueryError(`${text} is no address and no network such as 10.0.0.0/8`, from, to);
    return {kind: "text", text: text.toLowerCase()};
  }
  const parse = (part: string) => numberOf(field, part);
  const whole = parse(text);
  if (whole !== null) return {kind: "number", value: whole};
  const [, first, last] = /^(-?[^-]+?)(?:-|\.\.)(-?[^-]+)$/.exec(text) ?? [];
  const [a, b] = [first, last].map((part) => (part === undefined ? null : parse(part)));
  if (a === null || b === null) throw new QueryError(`${text} is no ${expected[field.kind]}`, from, to);
  if (a > b) throw new QueryError("a range goes from the smaller to the larger", from, to);
  if (operator !== "=" && operator !== "!=") throw new QueryError("a range is compared by = or !=", from, to);
  return {kind: "numbers", from: a, to: b};
}

const expected = {
  number: "number, and no range such as 1000-2000",
  bytes: "number such as 1500, 10k, 2M",
  duration: "time such as 10ms, 1.5s, 2m",
  proto: "protocol such as tcp, udp, 47"
} as const;

/** A word without a field: an address or network, a port, a protocol, verdict or service, else a part of a name. */
export function wordTest(word: Word): Test {
  const text = word.text.toLowerCase();
  const test = (field: string, value: Value, operator: Operator = "="): Test => ({
    kind: "test",
    field,
    operator,
    values: [value]
  });
  if (word.kind === "text") return test("name", {kind: "text", text}, "~");
  const addresses = addressesOf(text);
  if (addresses) return test("host", addresses);
  if (/^\d/.test(text) && /^[\d.:/-]+$/.test(text)) return test("port", readValue(fields.port, "=", word));
  if (Object.hasOwn(protoNumbers, text)) return test("proto", {kind: "number", value: protoNumbers[text]});
  if (fields.verdict.values?.includes(text)) return test("verdict", {kind: "text", text});
  if (knownServices.includes(text)) return test("service", {kind: "text", text});
  return test("name", {kind: "text", text}, text.includes("*") ? "=" : "~");
}

const multiples: Readonly<Record<string, number>> = {"": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12};
const times: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
  d: 86_400e6
};

function numberOf({kind}: Field, text: string): number | null {
  if (kind === "proto" && Object.hasOwn(protoNumbers, text.toLowerCase())) return protoNumbers[text.toLowerCase()];
  const [, digits, unit = ""] = /^(-?\d+(?:\.\d+)?)([a-zµ]*)$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const factor =
    kind === "duration"
      ? (times[unit.toLowerCase()] ?? (unit === "" ? 1e6 : undefined))
      : kind === "bytes"
        ? multiples[unit.toLowerCase().replace(/b$/, "")]
        : unit === ""
          ? 1
          : undefined;
  return factor === undefined ? null : Math.round(Number(digits) * factor * 1e9) / 1e9;
}

/** The addresses that a text names: one, a network (CIDR), or from one to another; null where it is something else. */
export function addressesOf(text: string): Extract<Value, {kind: "addresses"}> | null {
  const [base, bits, ...more] = text.split("/");
  const key = keyOf(base);
  if (key !== null && bits === undefined) return {kind: "addresses", from: key, to: key, text: addressOf(key)};
  if (key !== null && more.length === 0 && /^\d{1,3}$/.test(bits)) return network(key, Number(bits));
  const [first, last, ...rest] = text.split("-");
  if (last === undefined || rest.length > 0) return null;
  const [a, b] = [keyOf(first), keyOf(last)];
  return a !== null && b !== null && a[0] === b[0] && a <= b ? {kind: "addresses", from: a, to: b, text: null} : null;
}

function network(key: string, bits: number): Extract<Value, {kind: "addresses"}> | null {
  const digits = key.slice(1);
  const width = digits.length * 4;
  if (bits > width) return null;
  const number = BigInt(`0x${digits}`);
  const hosts = (1n << BigInt(width - bits)) - 1n;
  const first = number & ~hosts;
  const text = (value: bigint) => key[0] + value.toString(16).padStart(digits.length, "0");
  const [from, to] = [text(first), text(first | hosts)];
  return {kind: "addresses", from, to, text: from === to ? addressOf(from) : null};
}

function keyOf(text: string): string | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text))
    return text.split(".").every((part) => Number(part) < 256) ? addressKey(text) : null;
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text);
  if (mapped) return keyOf(mapped[1]) === null ? null : addressKey(text.toLowerCase());
  const halves = text.toLowerCase().split("::");
  if (!text.includes(":") || halves.length > 2) return null;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const isWhole = halves.length === 1 ? groups.length === 8 : groups.length < 8;
  return isWhole && groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? addressKey(text.toLowerCase()) : null;
}
