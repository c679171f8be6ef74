import type {Limit, Reason} from "./rule.ts";

/** By digits behind the point. Made once: `toLocaleString` makes one a call, which costs many times as much. */
const formats = [0, 1, 2].map((digits) => new Intl.NumberFormat("en", {maximumFractionDigits: digits}));

/** A number as a reader takes it in: thousands separated, at most three significant places below ten. */
export function amount(value: number): string {
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return formats[digits].format(value);
}

/** A span of time in its natural unit. */
export function span(us: number): string {
  if (us < 1e6) return `${amount(Math.round(us / 1e3))} ms`;
  if (us < 120e6) return `${amount(Math.round(us / 1e5) / 10)} s`;
  if (us < 7200e6) return `${amount(Math.round(us / 60e6))} min`;
  return `${amount(Math.round(us / 360e6) / 10)} h`;
}

/** “1 host”, “3 hosts”. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${amount(n)} ${n === 1 ? one : many}`;
}

/** A unit after a number: “1 file”, “1 probe a host”, “2 files”, “1 times the median”. Units are written as many. */
export function unitOf(value: number, unit: string): string {
  if (value !== 1 || unit.startsWith("times")) return unit;
  return unit.replace(
    /^((?:MAC )?[a-z]+?)(?:(ss|sh|ch|x)es|(i)es|(?<=[a-z]{2})s)(?![a-z])/,
    (_, stem, hiss = "", i) => stem + hiss + (i ? "y" : "")
  );
}

/** A figure that reached its limit. */
export function atLeast(figure: string, value: number, limit: Limit): Reason {
  return decided(figure, value, "at least", limit);
}

/** A figure that stayed below its limit. */
export function atMost(figure: string, value: number, limit: Limit): Reason {
  return decided(figure, value, "at most", limit);
}

function decided(figure: string, value: number, side: string, {value: limit, unit}: Limit): Reason {
  const text = `${figure}: ${amount(value)} ${unitOf(value, unit)} (limit: ${side} ${amount(limit)})`;
  return {text, figure, value, limit, unit};
}

/** A figure that explains without deciding. */
export function fact(figure: string, value: number | string, unit: string | null = null): Reason {
  const shown = typeof value === "number" ? amount(value) : value;
  return {
    text: `${figure}: ${shown}${unit ? ` ${value === 1 ? unitOf(value, unit) : unit}` : ""}`,
    figure,
    value,
    limit: null,
    unit
  };
}
