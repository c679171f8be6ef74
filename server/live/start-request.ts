import type {CaptureInterface} from "../../capture/live/interfaces.ts";
import {programNames} from "../../capture/live/programs.ts";
import type {CaptureWish} from "./messages.ts";

/** What is wrong with a wish, in words for who made it. */
export class WrongWish extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = "WrongWish";
    this.field = field;
  }
}

const longestFilter = 4096;
const fields = ["interface", "filter", "promiscuous", "snaplen", "durationS", "packets", "program"];

/** Reads the body of a request to start a capture; what is left out is left to the program. Throws a WrongWish. */
export function captureWish(body: unknown, interfaces: readonly CaptureInterface[]): CaptureWish {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new WrongWish("body", "expected a JSON object");
  const given = body as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((name) => !fields.includes(name));
  if (unknown !== undefined) throw new WrongWish(unknown, `no field ${unknown}: expected ${fields.join(", ")}`);
  return {
    interface: interfaceOf(given.interface, interfaces),
    filter: filterOf(given.filter),
    promiscuous: promiscuousOf(given.promiscuous),
    snaplen: numberOf(given, "snaplen", 60, 262_144, true),
    durationS: numberOf(given, "durationS", 0.1, 31_536_000, false),
    packets: numberOf(given, "packets", 1, Number.MAX_SAFE_INTEGER, true),
    program: programOf(given.program)
  };
}

/** The wish as arguments of `flowbook capture`; each value is joined to its option, so that none is taken for one. */
export function captureArguments(wish: CaptureWish): string[] {
  const {filter, promiscuous, snaplen, durationS, packets, program} = wish;
  return [
    ...(wish.interface === null ? [] : [`--interface=${wish.interface}`]),
    ...(filter === "" ? [] : [`--filter=${filter}`]),
    ...(promiscuous ? [] : ["--no-promiscuous"]),
    ...(snaplen === null ? [] : [`--snaplen=${snaplen}`]),
    ...(durationS === null ? [] : [`--duration=${durationS}`]),
    ...(packets === null ? [] : [`--count=${packets}`]),
    ...(program === null ? [] : [`--program=${program}`])
  ];
}

function interfaceOf(value: unknown, interfaces: readonly CaptureInterface[]): string | null {
  if (value === undefined || value === null || value === "") return null;
  const names = [...interfaces.map(({name}) => name), ...(process.platform === "linux" ? ["any"] : [])];
  if (typeof value === "string" && !value.startsWith("-") && names.includes(value)) return value;
  throw new WrongWish("interface", `there is no interface ${shown(value)}; there are: ${names.join(", ")}`);
}

function filterOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new WrongWish("filter", `expected a text, found ${shown(value)}`);
  const filter = value.trim();
  if (filter.length > longestFilter) throw new WrongWish("filter", `longer than ${longestFilter} characters`);
  if (filter.startsWith("-")) throw new WrongWish("filter", "a filter does not begin with -");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(filter)) throw new WrongWish("filter", "a filter has no control characters");
  return filter;
}

function promiscuousOf(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "boolean") return value;
  throw new WrongWish("promiscuous", `expected true or false, found ${shown(value)}`);
}

function numberOf(
  given: Readonly<Record<string, unknown>>,
  field: string,
  least: number,
  most: number,
  isWhole: boolean
): number | null {
  const value = given[field];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && value >= least && value <= most && (!isWhole || Number.isInteger(value)))
    return value;
  const what = isWhole ? "a whole number" : "a number";
  throw new WrongWish(field, `expected ${what} from ${least} to ${most}, found ${shown(value)}`);
}

function programOf(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  const found = programNames.find((name) => name === value);
  if (found) return found;
  throw new WrongWish("program", `no capture program ${shown(value)}; there are: ${programNames.join(", ")}`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
