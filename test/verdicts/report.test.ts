import {expect, it} from "vitest";
import type {JudgedCapture} from "./judged-captures.ts";
import {reportOf} from "./report.ts";

const capture = (file: string, half: "A" | "B", attack: string | null): JudgedCapture => ({
  file,
  set: "shared",
  source: file.split("/")[1],
  half,
  attack
});

it("the report counts false alarms and attacks of each half, and names each miss", () => {
  const captures = [
    capture("pcap/x/quiet.pcap", "A", null),
    capture("pcap/x/noisy.pcap", "A", null),
    capture("pcap/x/scan.pcap", "A", "PortScan"),
    capture("pcap/y/worm.pcap", "B", "Worm")
  ];
  const scan = {name: "port_scan", why: "10.0.0.1 probed 20 ports."};
  const said = new Map([
    ["pcap/x/noisy.pcap", [scan]],
    ["pcap/x/scan.pcap", [scan, scan]]
  ]);
  const lines = reportOf("rules", captures, said);
  expect(lines).toContain("| shared, half A | 1 of 2 (50.0 %) | 1 of 1 (100.0 %) |");
  expect(lines).toContain("| shared, half B | 0 of 0 | 0 of 1 (0.0 %) |");
  expect(lines).toContain("| all | 1 of 2 (50.0 %) | 1 of 2 (50.0 %) |");
  expect(lines).toContain("- A pcap/x/noisy.pcap: port_scan: 10.0.0.1 probed 20 ports.");
  expect(lines).toContain("| A | PortScan | x | 1 of 1 (100.0 %) | port_scan 1 |");
  expect(lines.slice(-1)).toEqual(["- B pcap/y/worm.pcap: Worm"]);
});
