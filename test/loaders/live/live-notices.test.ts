import {describe, expect, it} from "vitest";
import {keepIds} from "../../../loaders/judge/same-incident.ts";
import {LiveNotices} from "../../../loaders/live/live-notices.ts";
import type {Finding} from "../../../models/rules/rule.ts";
import type {NoticeRow} from "../../../schema/notices.ts";

const minute = 60e6;

function finding(part: Partial<Finding> = {}): Finding {
  return {
    rule: "port_scan",
    capture_sha256: "c".repeat(64),
    ts_start: 10 * minute,
    ts_end: 11 * minute,
    src_ip: "10.0.0.5",
    dst_ip: "10.0.0.9",
    dst_port: null,
    flows: 20,
    summary: "20 ports",
    reasons: [],
    ...part
  };
}

const told = (rows: readonly NoticeRow[]) => rows.map(({src_ip, dst_ip, flows}) => [src_ip, dst_ip, Number(flows)]);

describe("notices of a running capture", () => {
  it("are one for an incident that grows, from one target to many, under the id that it had first", () => {
    const notices = new LiveNotices();
    expect(notices.update([finding()], 0)).toBe(true);
    const [{notice_id}] = notices.rows;
    expect(notices.update([finding({ts_end: 12 * minute, flows: 40})], 0)).toBe(false);
    expect(notices.update([finding({dst_ip: null, flows: 60})], 0)).toBe(false);
    expect(told(notices.rows)).toEqual([["10.0.0.5", null, 60]]);
    expect([notices.rows[0].notice_id, notices.found, notices.withdrawn]).toEqual([notice_id, 1, 0]);
  });

  it("say in new words what grew, under the same id", () => {
    const notices = new LiveNotices();
    notices.update([finding()], 0);
    const [{notice_id}] = notices.rows;
    const reasons = [
      {text: "40 ports within a minute, limit 15", value: 40, limit: 15}
    ] as unknown as Finding["reasons"];
    const {version} = notices;
    notices.update([finding({ts_end: 12 * minute, flows: 40, summary: "40 ports", reasons})], 0);
    const [row] = notices.rows;
    expect([row.notice_id, row.summary, notices.version]).toEqual([notice_id, "40 ports", version + 1]);
    expect(row.reasons).toContain("40 ports within a minute");
    // New words alone, with the same count, too.
    notices.update([finding({ts_end: 12 * minute, flows: 40, summary: "40 ports of 2 hosts"})], 0);
    expect([notices.rows[0].summary, notices.version]).toEqual(["40 ports of 2 hosts", version + 2]);
  });

  it("keep what left the window, and its beginning while it goes on", () => {
    const notices = new LiveNotices();
    notices.update([finding({flows: 500}), finding({src_ip: "10.0.0.6", ts_end: 10.5 * minute})], 0);
    // The window begins within the first one's time; the second one is past.
    notices.update([finding({ts_start: 10.8 * minute, ts_end: 13 * minute, flows: 30})], 10.8 * minute);
    expect(told(notices.rows)).toEqual([
      ["10.0.0.6", "10.0.0.9", 20],
      ["10.0.0.5", "10.0.0.9", 500]
    ]);
    expect([notices.rows[1].ts_start, notices.rows[1].ts_end]).toEqual([10 * minute, 13 * minute]);
    expect([notices.found, notices.withdrawn]).toEqual([2, 0]);
  });

  it("are taken back where more packets explain them otherwise, also from what was judged before", () => {
    const notices = new LiveNotices();
    notices.update([finding({rule: "host_sweep"})], 0);
    const written = notices.rows;
    expect(notices.update([finding()], 0)).toBe(true);
    expect(notices.rows.map(({rule}) => rule)).toEqual(["port_scan"]);
    expect(notices.with(written).map(({rule}) => rule)).toEqual(["port_scan"]);
    expect([notices.found, notices.withdrawn]).toEqual([2, 1]);
  });

  it("join those that the whole capture gave, each told once", () => {
    const whole = new LiveNotices();
    whole.update([finding({flows: 25, dst_ip: null}), finding({rule: "beaconing", src_ip: "10.0.0.7"})], 0);
    const notices = new LiveNotices();
    notices.update([finding()], 0);
    const all = notices.with(whole.rows);
    expect(all.map(({rule}) => rule).toSorted()).toEqual(["beaconing", "port_scan"]);
    expect(all.find(({rule}) => rule === "port_scan")!.notice_id).toBe(whole.rows[0].notice_id);
  });

  it("give each id once, to the likest", () => {
    const one = new LiveNotices();
    one.update([finding({dst_ip: "10.0.0.1"}), finding({dst_ip: "10.0.0.2"})], 0);
    const [a, b] = one.rows;
    const later = [
      {...b, notice_id: "x", ts_start: b.ts_start - 1},
      {...a, notice_id: "y", ts_start: a.ts_start - 1},
      {...a, notice_id: "z", dst_ip: "10.0.0.3"}
    ];
    expect(keepIds(later, [a, b]).map(({notice_id}) => notice_id)).toEqual([b.notice_id, a.notice_id, "z"]);
  });
});
