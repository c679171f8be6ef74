import {join} from "node:path";
import {expect} from "vitest";
import {itUnless} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {holeEffect} from "./hole.ts";

/** `npm run holes` does this to 200 captures; in these the packet that is removed is in the midst of a conversation. */
const captures = [
  ["pcap/zeek/ssh/ssh.pcap", 0.5],
  ["pcap/chrissanders/http_espn.pcapng", 0.3],
  ["incidents/elcabezzonn/samrdump.pcap.gz", 0.5]
] as const;

for (const [file, where] of captures)
  itUnless(noSharedData)(`a client packet that is missing takes no later record of ${file} with it`, async () => {
    const effect = await holeEffect(join(sharedData, file), () => where);
    expect(effect?.lost).toEqual([]);
    expect(effect?.after).toBeGreaterThan(0);
  });

itUnless(noSharedData)("a capture without a client's data has no hole", async () => {
  expect(await holeEffect(join(sharedData, "pcap/chrissanders/synscan.pcapng"), () => 0.5)).toBeNull();
});
