import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {detectNotices} from "../../../loaders/judge/notices.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import type {Column, Verdict} from "../column.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

/** Notices of rules. Each capture is its own network, so rules that compare captures have nothing to say. */
export const rulesColumn: Column = {
  name: "rules",
  async judge({lake}) {
    await detectNotices({lake, clock: () => Date.now(), localNets});
    const engine = await openLake(lake);
    try {
      const found = new Map<string, Verdict[]>();
      for (const {capture_sha256, rule, summary} of await listNotices(engine, {severity: "medium"}))
        found.set(capture_sha256, [...(found.get(capture_sha256) ?? []), {name: rule, why: summary}]);
      return found;
    } finally {
      await engine.close();
    }
  }
};
