import {describe, expect, it} from "vitest";
import {goesOn} from "../../alerts/incident.ts";
import {jsonOf, subjectOf, techniqueLink, textOf} from "../../alerts/message.ts";
import {incident, message, startUs} from "./incidents.ts";

const brute = {
  incident_id: "00112233445566bb",
  rule: "brute_force",
  severity: "high" as const,
  attack_technique: "T1110.001",
  dst_port: 22,
  summary: "10.0.0.5 tried 300 logins."
};

describe("the text of a message", () => {
  it("tells incident, hosts, times, figures, technique and link", () => {
    expect(
      textOf(message([incident()]))
    ).toBe(`1. port scan (medium): 10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN.
   time:     2026-11-21T09:30:00Z – 2026-11-21T09:30:03.900Z (3.9 s)
   hosts:    10.0.0.5 → 192.0.2.10
   flows:    40
   class:    PortScan, probability 0.80
   why:      different ports probed: 40 ports (limit: at least 10)
   ATT&CK:   T1046, https://attack.mitre.org/techniques/T1046/
   capture:  office.pcap
   notebook: https://flowbook.example/incident.html#incident=00112233445566aa

Times are those of the packets, in UTC. Sent 2026-11-21T10:00:00Z by flowbook.
`);
  });

  it("tells several incidents, and how many found no place", () => {
    const text = textOf(message([incident(brute), incident({src_ip: null})], {more: 3, link: null}));
    expect(text.split("\n").filter((line) => /^\d|more|hosts/.test(line))).toEqual([
      "1. brute force (high): 10.0.0.5 tried 300 logins.",
      "   hosts:    10.0.0.5 → 192.0.2.10, port 22",
      "2. port scan (medium): 10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN.",
      "   hosts:    many → 192.0.2.10",
      "3 more incidents are in the notebook."
    ]);
    expect(text).not.toContain("notebook:");
  });

  it("cannot be given lines or directions by a stranger's names", () => {
    const hostile = incident({capture: "x\r\nBcc: all@example.org\u202egpj.pcap", summary: "a\r\nSubject: b\u0007"});
    const text = textOf(message([hostile]));
    expect(text).toContain("capture:  x\\u{d}\\u{a}Bcc: all@example.org\\u{202e}gpj.pcap\n");
    expect(text).toContain("(medium): a\\u{d}\\u{a}Subject: b\\u{7}\n");
    expect(incident({summary: "x".repeat(10_000)}).summary.length).toBe(500);
  });

  it("has a subject of one line, and says where it is a test", () => {
    expect(subjectOf(message([incident()]))).toBe("flowbook: port scan, medium: 10.0.0.5 → 192.0.2.10");
    expect(subjectOf(message([incident(brute), incident()], {more: 4}))).toBe(
      "flowbook: 6 incidents, the gravest high: brute force"
    );
    expect([subjectOf(message([])), textOf(message([])).split("\n")[0]]).toEqual([
      "flowbook: test message",
      "This is a test of flowbook's alerts, sent 2026-11-21T10:00:00Z."
    ]);
  });

  it("is JSON for programs, with the text for people", () => {
    expect(jsonOf(message([incident()]))).toMatchObject({
      source: "flowbook",
      id: "11111111-2222-3333-4444-555555555555",
      sent_at: "2026-11-21T10:00:00Z",
      test: false,
      text: expect.stringMatching(/^flowbook: port scan, medium: 10\.0\.0\.5 → 192\.0\.2\.10\n\n1\. port scan/),
      more: 0,
      incidents: [
        {
          incident_id: "00112233445566aa",
          rule: "port_scan",
          severity: "medium",
          attack_technique: "T1046",
          ts_start: "2026-11-21T09:30:00Z",
          ts_end: "2026-11-21T09:30:03.900Z",
          src_ip: "10.0.0.5",
          dst_ip: "192.0.2.10",
          dst_port: null,
          flows: 40,
          capture: "office.pcap"
        }
      ]
    });
  });

  it("calls nobody in a chat and hides no link there, whatever a stranger's names say", () => {
    const summary = "10.0.0.5 asked for <!channel> and <http://evil.example|Open the notebook>";
    const {text, incidents} = jsonOf(message([incident({summary})])) as {text: string; incidents: {summary: string}[]};
    expect(text).toContain("asked for &lt;!channel&gt; and &lt;http://evil.example|Open the notebook&gt;\n");
    expect(incidents[0].summary).toBe(summary);
  });

  it("names a sub-technique's page below its technique", () => {
    expect(techniqueLink("T1110.001")).toBe("https://attack.mitre.org/techniques/T1110/001/");
  });
});

describe("an incident goes on in another", () => {
  const minute = 60e6;
  const first = {rule: "port_scan", src: "10.0.0.5", dst: "192.0.2.10", from: startUs, to: startUs + minute};
  const judged = (fields: Partial<typeof first | {src: null; dst: null}>) =>
    goesOn(first, {...first, from: startUs + 2 * minute, to: startUs + 3 * minute, ...fields}, 15 * minute);

  it("of the same rule and hosts within the quiet time, before or after", () => {
    expect(judged({})).toBe(true);
    expect(judged({from: startUs + 16 * minute, to: startUs + 17 * minute})).toBe(true);
    expect(judged({from: startUs + 17 * minute, to: startUs + 18 * minute})).toBe(false);
    expect(judged({from: startUs - 20 * minute, to: startUs - 15 * minute})).toBe(true);
  });

  it("where one side has become many, and not where it is another host or rule", () => {
    expect(judged({dst: null})).toBe(true);
    expect(judged({src: null})).toBe(true);
    expect(judged({src: null, dst: null})).toBe(false);
    expect(judged({dst: "192.0.2.11"})).toBe(false);
    expect(judged({src: "10.0.0.6"})).toBe(false);
    expect(judged({rule: "syn_flood"})).toBe(false);
  });
});
