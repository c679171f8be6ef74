import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, relative} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {classifyNewFlows, defaultModels} from "../../../loaders/judge/classify.ts";
import {noticeEvidence} from "../../../loaders/judge/evidence.ts";
import {buildIncidents} from "../../../loaders/judge/incident-builder.ts";
import {listIncidents} from "../../../loaders/judge/incident-list.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {LiveAnalysis} from "../../../loaders/live/live-analysis.ts";
import {LiveNotices} from "../../../loaders/live/live-notices.ts";
import type {FlowVerdict} from "../../../schema/live/news.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {playLive} from "./live-harness.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Captures with one incident, or none, that are over within ten minutes, and how often they are looked at, in s. */
const played = [
  ["pcap/ndpi/synscan.pcap", 1],
  ["pcap/concap/nmap-tcp-syn-version.pcap", 2],
  ["pcap/chrissanders/synscan.pcapng", 1],
  ["pcap/chrissanders/arppoison.pcapng", 1],
  ["pcap/slips/test8-malicious.pcap", 5],
  ["pcap/slips/test12-icmp-portscan.pcap", 5],
  ["pcap/concap/ping.pcap", 1],
  ["incidents/elcabezzonn/smbexec.pcap.gz", 2],
  ["incidents/elcabezzonn/samrdump.pcap.gz", 1],
  ["pcap/ndpi/instagram.pcap", 2],
  ["pcap/ndpi/teams.pcap", 2],
  ["pcap/ndpi/1kxun.pcap", 10]
] as const;

describeUnless(noSharedData)("a capture judged while it goes on", () => {
  let lake: string;
  const hashes = new Map<string, string>();
  const ofFile = new Map<string, string[]>();
  const incidentsOf = new Map<string, string[][]>();
  const flowsOf = new Map<string, string[]>();
  const clock = () => 1_790_000_000_000;

  beforeAll(async () => {
    lake = mkdtempSync(join(tmpdir(), "flowbook-live-analysis-"));
    await importCaptures(
      played.map(([file]) => join(sharedData, file)),
      {lake, clock}
    );
    await judgeLake({lake, clock, localNets});
    const engine = await openLake(lake);
    for (const [path, hash] of (await engine.query("SELECT path, capture_sha256 FROM captures")).rows)
      hashes.set(relative(sharedData, String(path)), String(hash));
    for (const {capture, rule, src_ip} of await listNotices(engine)) {
      const file = relative(sharedData, capture);
      ofFile.set(file, [...(ofFile.get(file) ?? []), `${rule} ${src_ip}`]);
    }
    for (const {capture, incident_id, class: named, severity} of await listIncidents(engine)) {
      const file = relative(sharedData, capture);
      incidentsOf.set(file, [...(incidentsOf.get(file) ?? []), [incident_id, named, severity]]);
    }
    for (const [hash, id] of (await engine.query("SELECT capture_sha256, CAST(flow_id AS VARCHAR) FROM flows")).rows)
      flowsOf.set(String(hash), [...(flowsOf.get(String(hash)) ?? []), String(id)]);
    await engine.close();
    await classifyNewFlows(lake, {clock});
  });
  afterAll(() => rmSync(lake, {recursive: true, force: true}));

  /** What was found while a file was played, each file once for all tests. */
  const found = new Map<string, Promise<Found>>();
  const play = (file: string) => {
    const known = found.get(file) ?? judgeLive(file);
    found.set(file, known);
    return known;
  };

  async function judgeLive(file: string): Promise<Found> {
    const capture = hashes.get(file)!;
    const everyS = played.find(([name]) => name === file)![1];
    const analysis = await LiveAnalysis.open({models: defaultModels, lake, capture, localNets, clock: () => 0});
    const notices = new LiveNotices();
    const verdicts = new Map<string, FlowVerdict>();
    let provisional = 0;
    await playLive(
      join(sharedData, file),
      capture,
      everyS * 1e6,
      analysis,
      (told) => {
        if (told.findings) notices.update(told.findings, told.windowFromUs);
        provisional += told.provisional;
        for (const verdict of told.verdicts) verdicts.set(verdict.flow, verdict);
      },
      flowsOf.get(capture) ?? []
    );
    await analysis.close();
    return {notices, verdicts, provisional};
  }

  for (const [file] of played)
    it(`${file} raises live what it raises as a file, makes the same incidents of it, and takes nothing back`, async () => {
      const {notices} = await play(file);
      expect(notices.rows.map(({rule, src_ip}) => `${rule} ${src_ip}`)).toEqual(ofFile.get(file) ?? []);
      const incidents = buildIncidents(
        notices.rows.map((row) => noticeEvidence(row)),
        {nowUs: null}
      );
      expect(incidents.map(({incident_id, class: named, severity}) => [incident_id, named, severity])).toEqual(
        incidentsOf.get(file) ?? []
      );
      expect([notices.found, notices.withdrawn]).toEqual([(ofFile.get(file) ?? []).length, 0]);
    });

  it("gives every ended flow the verdict that it has as a file's, after others while it went on", async () => {
    const file = "pcap/ndpi/1kxun.pcap";
    const {verdicts, provisional} = await play(file);
    const engine = await openLake(lake);
    const {rows} = await engine.query(
      `SELECT CAST(f.flow_id AS VARCHAR), end_reason, label, probability, is_unknown, state, is_anomaly
       FROM flows f JOIN verdicts v ON v.flow_id = f.flow_id WHERE f.capture_sha256 = '${hashes.get(file)}'`
    );
    await engine.close();
    const ended = rows.filter(([, reason]) => reason !== "end");
    expect([rows.length, ended.length, provisional]).toEqual([200, 132, 289]);
    const live = ended.map(([id]) => {
      const {label, probability, isUnknown, state, isAnomaly} = verdicts.get(String(id))!;
      return [label, probability, isUnknown, state, isAnomaly];
    });
    expect(live).toEqual(ended.map(([, , ...stored]) => stored));
  });
});

/** What an analysis found of one file. */
interface Found {
  readonly notices: LiveNotices;
  readonly verdicts: ReadonlyMap<string, FlowVerdict>;
  /** Verdicts on flows under way. */
  readonly provisional: number;
}
