import {readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import {describe, expect, it} from "vitest";
import {hasSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {dissectCapture} from "./metered.ts";

const ours: Record<string, string> = {TLS: "tls", HTTP: "http", DNS: "dns", SSH: "ssh"};

/** Transport and ports of a flow, either way round: enough to find it again in most of these small captures. */
const key = (proto: string, a: number, b: number) => `${proto} ${Math.min(a, b)} ${Math.max(a, b)}`;

describe.skipIf(!hasSharedData)("services beside nDPI's verdicts", () => {
  it("agree for nearly all flows that nDPI calls TLS, HTTP, DNS or SSH, and none is taken for another of these", async () => {
    const folder = join(sharedData, "truth/ndpi");
    const verdicts = readdirSync(folder);
    const agreement: Record<string, {same: number; unrecognised: number; other: string[]}> = {};
    for (const {file} of sharedCaptures("pcap").filter((capture) => capture.file.startsWith("pcap/ndpi/"))) {
      const verdict = verdicts.find((name) => name.startsWith(`${basename(file)}.`));
      if (!verdict) continue;
      const {flows} = await dissectCapture(file);
      const services = new Map(
        flows.map(({proto, srcPort, dstPort, service}) => [key(proto === 6 ? "TCP" : "UDP", srcPort, dstPort), service])
      );
      const lines = readFileSync(join(folder, verdict), "utf8").matchAll(
        /^\s+\d+\s+(TCP|UDP) \S+:(\d+) (?:<->|->) \S+:(\d+) .*?\[proto: [0-9.]+\/(\w+)/gm
      );
      for (const [, proto, from, to, name] of lines) {
        const service = services.get(key(proto, Number(from), Number(to)));
        if (!(name in ours) || service === undefined) continue;
        const counts = (agreement[ours[name]] ??= {same: 0, unrecognised: 0, other: []});
        if (service === ours[name]) counts.same++;
        else if (service === null) counts.unrecognised++;
        else counts.other.push(`${service} in ${basename(file)}`);
      }
    }
    console.info(`nDPI's verdicts against ours: ${JSON.stringify(agreement)}`);
    // nDPI names flows without payload by their port or address, which this does not.
    for (const {same, unrecognised, other} of Object.values(agreement)) {
      expect(other.filter((text) => /^(tls|http|dns|ssh) /.test(text))).toEqual([]);
      expect(same).toBeGreaterThan(3 * unrecognised);
    }
  }, 240_000);
});
