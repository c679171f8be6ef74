import {parseQuery} from "./query/parse.js";

/**
 * Which flows a page shows. An absent field lets everything pass; several values of one field are joined by *or*, fields
 * by *and*. A time window keeps the flows that were active in it.
 */
export interface Filter {
  /** Start of the window, µs since 1970 (packet time), inclusive. */
  readonly from?: number;
  /** End of the window, µs since 1970, exclusive. */
  readonly to?: number;
  /** IANA protocol numbers. */
  readonly protos?: readonly number[];
  /** Recognised services; null stands for flows whose service was not recognised. */
  readonly services?: readonly (string | null)[];
  /** Most likely classes. */
  readonly labels?: readonly string[];
  readonly verdicts?: readonly Verdict[];
  /** An address at either end. */
  readonly host?: string;
  /** SHA-256 of capture files. */
  readonly captures?: readonly string[];
  /** The incident that flows belong to, by its id; of several the gravest counts. */
  readonly incident?: string;
  /** What the query box says, in its own language; see `query/`. One that cannot be read throws where it is used. */
  readonly query?: string;
}

/** What is said of a flow: it belongs to a grave incident, only its anomaly speaks against it, nothing does, or nobody knows. */
export type Verdict = (typeof verdicts)[number];

export const verdicts = ["normal", "unusual", "suspicious", "not_judged"] as const;

/** Names that addresses had for verdicts before. */
const olderVerdicts: Readonly<Record<string, Verdict>> = {anomaly: "unusual", unscored: "not_judged"};

/** A filter that lets everything pass. */
export const everything: Filter = {};

/** True where no field restricts anything. */
export function isEverything(filter: Filter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** The filter with some fields replaced; undefined or an empty list removes a field. */
export function withFields(filter: Filter, fields: Filter): Filter {
  const entries = Object.entries({...filter, ...fields});
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
  );
}

/** Adds a value to a list of the filter, or removes it where it is there. */
export function toggled<T>(list: readonly T[] | undefined, value: T): T[] {
  const values = list ?? [];
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}

const unknownService = "-";

/**
 * A filter as the text after `#` in a page's address. Times are ISO 8601 in UTC with as many digits as they need;
 * a service `-` is *not recognised*.
 */
export function formatFilter(filter: Filter): string {
  const parts: [string, string][] = [];
  const list = (name: string, values: readonly (string | number | null)[] | undefined) => {
    if (values?.length) parts.push([name, values.map((value) => encode(String(value ?? unknownService))).join(",")]);
  };
  if (filter.from !== undefined) parts.push(["from", formatIso(filter.from)]);
  if (filter.to !== undefined) parts.push(["to", formatIso(filter.to)]);
  list("proto", filter.protos);
  list("service", filter.services);
  list("class", filter.labels);
  list("verdict", filter.verdicts);
  if (filter.host) parts.push(["host", encode(filter.host)]);
  list("capture", filter.captures);
  if (filter.incident) parts.push(["incident", filter.incident]);
  if (filter.query) parts.push(["q", encode(filter.query)]);
  return parts.map(([name, value]) => `${name}=${value}`).join("&");
}

/** The filter of an address's text after `#`. What is not understood is left out: an address is a stranger's data. */
export function parseFilter(text: string): Filter {
  const fields = new Map(
    text
      .replace(/^#/, "")
      .split("&")
      .slice(0, 32)
      .map((part) => [part.split("=", 1)[0], part.slice(part.indexOf("=") + 1)] as const)
  );
  const list = (name: string) =>
    fields
      .get(name)
      ?.split(",")
      .filter((value) => value !== "")
      .slice(0, 500)
      .map(decode);
  const from = parseIso(fields.get("from"));
  const to = parseIso(fields.get("to"));
  return withFields(everything, {
    from,
    to: from !== undefined && to !== undefined && to <= from ? undefined : to,
    protos: list("proto")
      ?.map(Number)
      .filter((proto) => Number.isInteger(proto) && proto >= 0 && proto <= 255),
    services: list("service")?.map((service) => (service === unknownService ? null : service)),
    labels: list("class"),
    verdicts: list("verdict")
      ?.map((verdict) => (Object.hasOwn(olderVerdicts, verdict) ? olderVerdicts[verdict] : verdict))
      .filter((verdict): verdict is Verdict => (verdicts as readonly string[]).includes(verdict)),
    host: fields.has("host") ? decode(fields.get("host") as string) : undefined,
    captures: list("capture")?.filter((hash) => /^[0-9a-f]{64}$/.test(hash)),
    incident: /^[0-9a-f]{16}$/.exec(fields.get("incident") ?? "")?.[0],
    query: fields.has("q") ? readableQuery(decode(fields.get("q") as string)) : undefined
  });
}

/** A query that means something; undefined where it does not, or is empty. */
function readableQuery(text: string): string | undefined {
  try {
    return parseQuery(text) === null ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

function encode(value: string): string {
  // A colon may stand in the text after #, and addresses read better with it.
  return encodeURIComponent(value).replaceAll("%3A", ":");
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** µs since 1970 as ISO 8601 in UTC, with ms or µs only where they are not zero. */
export function formatIso(us: number): string {
  const whole = Math.floor(us / 1e6) * 1e6;
  const rest = Math.round(us - whole);
  const seconds = new Date(whole / 1000).toISOString().slice(0, 19);
  if (rest === 0) return `${seconds}Z`;
  const digits = String(rest).padStart(6, "0");
  return `${seconds}.${digits.endsWith("000") ? digits.slice(0, 3) : digits}Z`;
}

/** µs since 1970 of an ISO 8601 time in UTC with up to six decimals; undefined where it is none. */
export function parseIso(text: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text ?? "");
  if (!match) return undefined;
  const ms = Date.parse(`${match[1]}Z`);
  return Number.isNaN(ms) ? undefined : ms * 1000 + Number((match[2] ?? "").padEnd(6, "0"));
}
