import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, relative} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {detectNotices} from "../../../loaders/judge/notices.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {hasSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";

interface Label {
  readonly file: string;
  readonly class: string;
  /** The rule that must fire; empty where none does. */
  readonly rule: string;
}

const clock = () => 1_790_000_000_000;
const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];
const labels: Label[] = hasSharedData
  ? (JSON.parse(readFileSync(join(sharedData, "truth/labels.json"), "utf8")) as {labels: Label[]}).labels
  : [];

describe.skipIf(!hasSharedData)("rules over the shared captures", () => {
  let folder: string;
  /** Capture file → rules that raised a notice, one for each notice. */
  const raised = new Map<string, string[]>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-labelled-"));
    await importCaptures([join(sharedData, "pcap")], {lake: folder, clock});
    await detectNotices({lake: folder, clock, localNets});
    const engine = await openLake(folder);
    for (const {capture, rule} of await listNotices(engine)) {
      const file = relative(sharedData, capture);
      raised.set(file, [...(raised.get(file) ?? []), rule]);
    }
    await engine.close();
    const line = (file: string, label?: Label) =>
      `${file.padEnd(66)} ${(label?.class ?? "unlabelled").padEnd(13)} ${(label?.rule || "-").padEnd(11)} ${raised.get(file)?.join(", ") ?? "-"}`;
    const unlabelled = sharedCaptures("pcap").filter(
      ({file}) => raised.has(file) && !labels.some((label) => label.file === file)
    );
    console.info(
      [
        `${"capture".padEnd(66)} ${"class".padEnd(13)} ${"wanted".padEnd(11)} notices raised`,
        ...labels.map((label) => line(label.file, label)),
        ...unlabelled.map(({file}) => line(file))
      ].join("\n")
    );
  }, 300_000);
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  for (const {file, class: kind, rule} of labels)
    it(`${file} (${kind}) raises ${rule ? `one ${rule}` : "nothing"}`, () => {
      expect(raised.get(file) ?? []).toEqual(rule ? [rule] : []);
    });

  it("three captures without a label hold an incident, besides protocols on another's port", () => {
    const others = [...raised]
      .filter(([file]) => !labels.some((label) => label.file === file))
      .map(([file, rules]) => [file, rules.filter((rule) => rule !== "protocol_mismatch")] as const)
      .filter(([, rules]) => rules.length > 0);
    expect(Object.fromEntries(others)).toEqual({
      "pcap/mercury/emix.pcap": ["host_sweep"],
      "pcap/ndpi/teamspeak3.pcap": ["beaconing"],
      "pcap/suricata-verify/dns/bug-1158/input.pcap": ["dns_tunnel"]
    });
  });
});
