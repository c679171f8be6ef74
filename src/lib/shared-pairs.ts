import type {DimensionName} from "./dimensions.js";
import {measures as allMeasures, type MeasureName} from "./measures.js";
import type {Asked, Question} from "./question.js";
import {type SqlContext, toSql} from "./sql.js";

const ends: readonly DimensionName[] = ["src_ip", "dst_ip"];
/** What hosts are ordered by is a sum of its own: two sums added up would order equal ones otherwise. */
const sums = [
  "flows",
  "packets",
  "bytes",
  "src_packets",
  "dst_packets",
  "src_bytes",
  "dst_bytes",
  "suspicious"
] as const;
/** Of a host what it sent and received: one way of each pair. */
const waysOfHost: readonly MeasureName[] = ["sent_bytes", "received_bytes"];

/**
 * A question by hosts in two parts: the sums of each pair of hosts (`records`), which the cards of a page share, and what
 * this one asks of them. To divide flows at the edges of a window, and to find those of incidents, costs most of each question.
 * Null where the sums do not have what is asked, and where nothing is divided: then to ask the flows costs less.
 */
export function sharedPairs({question, filter}: Asked, context: SqlContext): {made: string; rest: string} | null {
  const {by, measures, time, only, count} = question;
  if (time || only || count || by.length !== 1 || !(by[0] === "host" || ends.includes(by[0]))) return null;
  const isOfHosts = by[0] === "host";
  const isKnown = (name: MeasureName) =>
    (sums as readonly MeasureName[]).includes(name) || (isOfHosts && waysOfHost.includes(name));
  if (!measures.every(isKnown) || !measures.some((name) => allMeasures[name].divisible)) return null;
  const pairs = {name: "pairs", title: "", by: ends, measures: sums} as const satisfies Question;
  return {made: toSql({question: pairs, filter}, context), rest: restSql(question, isOfHosts)};
}

function restSql({by: [by], measures, order, limit}: Question, isOfHosts: boolean): string {
  const ofHost = (host: string, sent: string, received: string) =>
    `SELECT ${[`${host} AS host`, ...sums, `${sent} AS sent_bytes`, `${received} AS received_bytes`].join(", ")} FROM records`;
  // A flow of a host with itself counts once.
  const hosts = `WITH hosts AS (
  ${ofHost("src_ip", "src_bytes", "dst_bytes")}
  UNION ALL
  ${ofHost("dst_ip", "dst_bytes", "src_bytes")} WHERE dst_ip <> src_ip
)
`;
  return `${isOfHosts ? hosts : ""}SELECT ${[by, ...measures.map((name) => `SUM(${name}) AS ${name}`)].join(", ")}
FROM ${isOfHosts ? "hosts" : "records"}
GROUP BY 1
ORDER BY ${[...(order ? [`${order} DESC`] : []), "1 NULLS LAST"].join(", ")}${limit ? `\nLIMIT ${limit}` : ""}`;
}
