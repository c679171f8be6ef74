import {createHash} from "node:crypto";
import type {CaseEntry} from "../../src/lib/case.js";
import {type Filter, formatFilter, parseFilter} from "../../src/lib/filter.js";
import type {Redaction} from "./redaction.ts";

/**
 * A case as it may leave with a redacted lake: what its texts and numbers say of addresses, names, users, times and ids is
 * replaced as in the lake. Pictures are left out, since what they say cannot be told. The redaction knows the lake's words.
 */
export function redactedCase(entries: readonly CaseEntry[], redaction: Redaction): CaseEntry[] {
  const text = (said: string) => movedTimes(redaction.redact("text", said) ?? "", redaction.shiftUs);
  return entries.map(({kind, text: words, atMs, href, remark, table}) => ({
    kind,
    text: text(words),
    atMs,
    ...(href !== undefined && {href: redactedHref(href, redaction)}),
    ...(remark !== undefined && {remark: text(remark)}),
    ...(table && {
      table: {
        columns: table.columns,
        rows: table.rows.map((row) =>
          row.map((cell) => (typeof cell === "string" ? text(cell) : movedNumber(cell, redaction.shiftUs)))
        )
      }
    })
  }));
}

const written = /\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?/g;

/** Times in words; they move by whole weeks, so that hours and weekdays stay. */
function movedTimes(text: string, shiftUs: number): string {
  if (shiftUs === 0) return text;
  return text.replace(written, (time) => {
    const day = Date.parse(`${time.slice(0, 10)}T00:00:00Z`);
    if (Number.isNaN(day)) return time;
    return new Date(day + shiftUs / 1000).toISOString().slice(0, 10) + time.slice(10);
  });
}

/** Numbers that are µs since 1970 of a time between 1973 and 2286. */
function movedNumber(cell: number | null, shiftUs: number): number | null {
  return cell !== null && cell >= 1e14 && cell < 1e16 ? cell + shiftUs : cell;
}

function redactedHref(href: string, redaction: Redaction): string {
  const [path, hash = ""] = href.split("#", 2);
  const [page] = path.split("?", 1);
  const {from, to, host, captures, incident, query, ...rest} = parseFilter(hash);
  const filter: Filter = {
    ...rest,
    ...(from !== undefined && {from: from + redaction.shiftUs}),
    ...(to !== undefined && {to: to + redaction.shiftUs}),
    ...(host && {host: redaction.redact("address", host) ?? undefined}),
    ...(captures && {captures: captures.map((capture) => hashedLikeLake("id64", capture, redaction))}),
    ...(incident && {incident: hashedLikeLake("id16", incident, redaction).slice(0, 16)}),
    ...(query && {query: redaction.redact("text", query) ?? undefined})
  };
  const chart = /(?:^|&)chart=([\w-]+)/.exec(hash)?.[1];
  const parts = [formatFilter(filter), chart && `chart=${chart}`].filter(Boolean);
  return `${page}${parts.length > 0 ? `#${parts.join("&")}` : ""}`;
}

/** The hash that SQL gives an id of the redacted lake. */
function hashedLikeLake(kind: "id16" | "id64", text: string, redaction: Redaction): string {
  return createHash("sha256").update(`${redaction.secret} ${kind} ${text}`).digest("hex");
}
