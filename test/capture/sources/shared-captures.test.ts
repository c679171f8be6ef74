import {join} from "node:path";
import {expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {plainBatch, readCapture} from "./packets.ts";

const batch = plainBatch();

/** Link type → packets, and what opening or reading the file said. */
async function count(file: string) {
  const linktypes: Record<string, number> = {};
  try {
    const source = await openSource(join(sharedData, file));
    while (await source.next(batch))
      for (let i = 0; i < batch.count; i++) linktypes[batch.link[i]] = (linktypes[batch.link[i]] ?? 0) + 1;
    await source.close();
    return {packets: source.packets, linktypes, problem: source.problem?.message ?? null};
  } catch (error) {
    return {packets: 0, linktypes, problem: (error as Error).message};
  }
}

/** As tshark prints frame.time_epoch, frame.len, frame.cap_len and the first packets of a file. */
const tshark: Record<string, readonly [number, ...(readonly [number, number, number])[]]> = {
  "pcap/ndpi/memcached.cap": [10, [1_534_343_745_954_071, 74, 74], [1_534_343_745_954_090, 74, 74]],
  "pcap/scapy/macos.pcapng.gz": [1, [1_603_221_662_654_984, 533, 533]],
  "malformed/pcapng-suite/output_be/basic/test009.pcapng": [
    2,
    [1_340_954_905_298_858, 314, 314],
    [1_340_954_905_299_858, 342, 342]
  ]
};

describeUnless(noSharedData)("shared captures", () => {
  it("hold the packets and link types of the manifest, all read without a problem", async () => {
    const captures = sharedCaptures("pcap");
    expect(captures.length).toBe(815);
    for (const {file, packets, linktypes} of captures)
      expect({file, ...(await count(file))}).toEqual({file, packets, linktypes, problem: null});
  });

  it("that are malformed hold the packets of the manifest, but for those that libpcap refuses or the manifest misreads", async () => {
    const differing: unknown[] = [];
    for (const {file, packets, linktypes} of sharedCaptures("malformed")) {
      const found = await count(file);
      if (found.packets !== packets || JSON.stringify(found.linktypes) !== JSON.stringify(linktypes))
        differing.push([file.slice(10), packets, found.packets, found.problem?.replace(/^.*?: byte/, "byte") ?? null]);
    }
    expect(differing).toEqual([
      // Version 2.0 has captured and wire length in each other's place, which the manifest's counter does not know, so
      // that it finds a record longer than the file: one packet by tcpdump and capinfos, then two bytes of a header.
      [
        "ndpi-fuzz/fuzz-2021-10-13.pcap",
        0,
        1,
        "byte 237: expected a packet record of 16 bytes, found 2 before the end of the file"
      ],
      // The same packet: the header's last word has the length of the frame check sequence above the link type, which
      // the manifest's counter takes for one number, a link type that nobody has. Ethernet by tcpdump.
      ["tcpdump/bootp_asan.pcap", 1, 1, null],
      // A section of version 0.1: refused by tcpdump and capinfos, while the manifest's counter looks at no version.
      ["libpcap/pcapng-invalid-vers-1.pcapng", 1, 0, "byte 0: expected pcapng version 1, found 0.1"],
      // A second section of version 2.0, whose blocks may be of any form: tcpdump ends after one packet too.
      ["gopacket/pcapgo/tests/be/test901.pcapng", 3, 1, "byte 480: expected pcapng version 1, found 2.0"],
      ["gopacket/pcapgo/tests/le/test901.pcapng", 3, 1, "byte 480: expected pcapng version 1, found 2.0"]
    ]);
  });

  for (const [file, [packets, ...first]] of Object.entries(tshark))
    it(`${file} has the times and lengths that tshark prints`, async () => {
      const reading = await readCapture(join(sharedData, file));
      expect(reading.packets.length).toBe(packets);
      expect(reading.packets.slice(0, first.length).map((p) => [p.ts, p.wire, p.bytes.length])).toEqual(first);
    });

  it("test100 to test102 of the pcapng suite have the interfaces, lengths and times that tshark prints, in both byte orders", async () => {
    for (const order of ["be", "le"]) {
      const read = async (name: string) =>
        (
          await readCapture(join(sharedData, `malformed/pcapng-suite/output_${order}/advanced/${name}.pcapng`))
        ).packets.map((p) => [p.ts, p.wire, p.bytes.length]);
      // A simple packet has no time and takes the one before it.
      expect(await read("test100")).toEqual([
        [0, 314, 314],
        [1_340_954_905_298_858, 342, 342],
        [1_340_954_905_298_858, 314, 314],
        [1_340_954_905_300_858, 342, 342],
        [1_340_954_905_301_858, 168, 168]
      ]);
      expect(await read("test101")).toEqual([
        [1_340_954_905_298_858, 314, 96],
        [1_340_954_905_298_858, 342, 128],
        [1_340_954_905_298_858, 314, 96],
        [1_340_954_905_301_858, 168, 168]
      ]);
      expect(await read("test102")).toEqual([
        [1_340_954_905_298_858, 314, 96],
        [1_340_954_905_298_858, 342, 342],
        [1_340_954_905_298_858, 314, 96],
        [1_340_954_905_300_858, 342, 96],
        [1_340_954_905_301_858, 168, 168]
      ]);
    }
  });
});
