import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, relative} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {detectNotices} from "../../../loaders/judge/notices.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {describeUnless} from "../../needs.ts";
import {hasSharedData, noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";

interface Label {
  readonly file: string;
  readonly class: string;
  /** The rule that must fire; empty where none does. */
  readonly rule: string;
}

/** Rules that are younger than the labels. */
const added: Readonly<Record<string, string>> = {"pcap/ndpi/WebattackSQLinj.pcap": "web_attack"};

/** What else a labelled capture holds: nmap -A examines the web servers that it finds. */
const beside: Readonly<Record<string, readonly string[]>> = {"pcap/concap/nmap-a-t4.pcap": ["web_fingerprint"]};

const clock = () => 1_790_000_000_000;
const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];
const labels: Label[] = hasSharedData
  ? (JSON.parse(readFileSync(join(sharedData, "truth/labels.json"), "utf8")) as {labels: Label[]}).labels
  : [];

describeUnless(noSharedData)("rules over the shared captures", () => {
  let folder: string;
  /** Capture file → rules that raised a notice of low severity or more, one for each notice. */
  const raised = new Map<string, string[]>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-labelled-"));
    await importCaptures([join(sharedData, "pcap")], {lake: folder, clock});
    await detectNotices({lake: folder, clock, localNets});
    const engine = await openLake(folder);
    for (const {capture, rule, severity} of await listNotices(engine)) {
      if (severity === "info") continue;
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

  for (const {file, class: kind, rule: wanted} of labels) {
    const rule = wanted || added[file];
    it(`${file} (${kind}) raises ${rule ? `one ${rule}` : "nothing"}`, () => {
      const also = beside[file] ?? [];
      expect(raised.get(file) ?? []).toEqual(rule ? [rule, ...also] : also);
    });
  }

  it("captures without a label that hold an incident are these", () => {
    const others = [...raised]
      .filter(([file]) => !labels.some((label) => label.file === file))
      .filter(([, rules]) => rules.length > 0);
    expect(Object.fromEntries(others)).toEqual({
      // Of low severity: controllers that are restarted or stopped.
      "pcap/arkime/dnp3_synthetic.pcap": ["controller_stop"],
      "pcap/arkime/s7comm_synthetic.pcap": ["controller_stop"],
      "pcap/ndpi/dnp3.pcap": [
        "controller_stop",
        "controller_stop",
        "controller_write",
        "controller_stop",
        "controller_stop",
        "controller_stop"
      ],
      // Of low severity: a program that is loaded into a controller.
      "pcap/ndpi/s7comm.pcap": ["controller_write"],
      // A browser's exploit that opens a shell.
      "pcap/chrissanders/aurora.pcapng": ["remote_shell"],
      "pcap/chrissanders/http_dvwa_sqlinjection.pcapng": ["web_attack"],
      "pcap/mercury/emix.pcap": ["host_sweep", "forced_login", "share_discovery"],
      // Of low severity: a name for an address that changes, and a chat that speaks TLS with an address.
      "pcap/ndpi/jsonrpc.pcap": ["dynamic_name"],
      "pcap/ndpi/KakaoTalk_talk.pcap": ["nameless_tls", "nameless_tls"],
      // A program sent bare over TCP, as the stages of such tools are.
      "pcap/ndpi/portable_executable.pcap": ["remote_shell", "remote_shell"],
      "pcap/ndpi/sql_injection.pcap": ["web_attack"],
      "pcap/ndpi/teamspeak3.pcap": ["beaconing"],
      "pcap/ndpi/xss.pcap": ["web_attack"],
      "pcap/suricata-verify/dns/bug-1158/input.pcap": ["dns_tunnel"],
      // A router that a false advertisement ends, and fragments that overlap, of tools for evasion.
      "pcap/suricata-verify/ipv6-evasion/ipv6-kill-router-gateway/kill_router6.pcap": ["rogue_router"],
      "pcap/suricata-verify/ipv6-evasion/ipv6-malformed-fragments-29/frag-29.pcap": ["fragment_overlap"],
      "pcap/suricata-verify/ipv6-evasion/ipv6-malformed-fragments-6/frag-6.pcap": ["fragment_overlap"],
      "pcap/suricata-verify/ipv6-evasion/ipv6-malformed-fragments-7/frag-7.pcap": ["fragment_overlap"],
      "pcap/suricata-verify/ipv6-evasion/ipv6-malformed-fragments-8/frag-8.pcap": ["fragment_overlap"],
      // Of low severity: single requests for a password file, the first one within VXLAN.
      "pcap/suricata-verify/vxlan-non-zero-reserved-fields/input.pcap": ["web_attack"],
      "pcap/zeek-extra/tcp/payload-synack.pcap": ["web_attack"]
    });
  });
});
