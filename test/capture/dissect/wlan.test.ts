import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {expect, it} from "vitest";
import {pcap} from "../made-capture.ts";
import {dissectFiles} from "./metered.ts";

const ap = "00146c7e4080";
const station = "000fb5fdfbc2";
const frame = (control: string, to: string, from: string, rest: string) =>
  Buffer.from(`${control}0000${to}${from}${ap}0000${rest}`, "hex");

it("management of wireless networks is told by stations, subtype and network", async () => {
  const beacon = frame(
    "8000",
    "ffffffffffff",
    ap,
    `${"00".repeat(8)}64001104${"0004"}${Buffer.from("home").toString("hex")}`
  );
  const frames = [
    beacon,
    beacon,
    frame("c000", station, ap, "0700"),
    frame("a000", ap, station, "0800"),
    frame("d400", ap, station, "")
  ];
  const bytes = Buffer.from(pcap(frames.map((made, i) => ({us: 1_700_000_000_000_000 + i * 1000, frame: made}))));
  // Link type 105: IEEE 802.11 without radiotap.
  bytes.writeUInt32LE(105, 20);
  const folder = await mkdtemp(join(tmpdir(), "flowbook-wlan-"));
  try {
    await writeFile(join(folder, "made.pcap"), bytes);
    const {records} = await dissectFiles([join(folder, "made.pcap")]);
    const rows = (records.link_layer ?? []).map((row) =>
      [row.src_mac, row.dst_mac, row.protocol, row.function, row.address ?? "-", row.messages].join("|")
    );
    expect(rows.sort()).toEqual([
      "00:0f:b5:fd:fb:c2|00:14:6c:7e:40:80|wlan-management|Disassociation|-|1",
      "00:14:6c:7e:40:80|00:0f:b5:fd:fb:c2|wlan-management|Deauthentication|-|1",
      "00:14:6c:7e:40:80|ff:ff:ff:ff:ff:ff|wlan-management|Beacon|home|2"
    ]);
  } finally {
    await rm(folder, {recursive: true});
  }
});
