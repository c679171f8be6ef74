import {firstColumns, firstLists, mostFirst, orderSql} from "../../src/lib/first-flows.js";

/** The lists of a part's first flows: the columns that they are ordered by, of which each list is picked, and what is shown. */
export const firstFlowsMade = {
  keyed: (flows: string) => {
    const keys = new Set(
      firstLists.flatMap(({order}) => [...orderSql(order, false).matchAll(/\bf\.(\w+)/g)]).map(([, name]) => name)
    );
    return `SELECT ${[...keys].map((name) => `f.${name}`).join(", ")} FROM ${flows} AS f`;
  },
  lists: firstLists.map(
    ({order, down}, list) =>
      `SELECT CAST(${list} AS INTEGER) AS list, f.flow_id, f.capture_sha256 FROM keyed AS f ORDER BY ${orderSql(order, down)} LIMIT ${mostFirst}`
  ),
  shown: (flows: string) =>
    `SELECT p.list, ${firstColumns.map((name) => `f.${name}`).join(", ")} FROM picked AS p JOIN ${flows} AS f ON f.flow_id = p.flow_id AND f.capture_sha256 = p.capture_sha256 ORDER BY p.list`
};

/** Flows that are in no list. */
export function unlisted(flows: string): string {
  return `SELECT CAST(NULL AS INTEGER) AS list, ${firstColumns.join(", ")} FROM ${flows}`;
}
