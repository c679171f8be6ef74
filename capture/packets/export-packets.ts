import type {Writable} from "node:stream";
import {readFlowPackets, type WantedFlows} from "./flow-packets.ts";
import {PcapWriter} from "./packet-files.ts";

export interface ExportedPackets {
  readonly packets: number;
  /** Flows of which at least one packet was found. */
  readonly flows: number;
  /** Packets whose time has ns that the file, which began with a capture in µs, does not hold. */
  readonly cutTimes: number;
  /** Captures without packets at hand, and why. */
  readonly missing: readonly {readonly capture: string; readonly path: string; readonly reason: string}[];
}

/**
 * Writes the packets of flows as one pcap file, capture after capture. Throws a PacketsProblem where the captures have
 * several link types. `to` is not ended.
 */
export async function exportPackets(
  lake: string,
  wanted: readonly WantedFlows[],
  to: Writable
): Promise<ExportedPackets> {
  const writer = new PcapWriter(to);
  const missing: {capture: string; path: string; reason: string}[] = [];
  for (const one of wanted) {
    const {reason} = await readFlowPackets(lake, one, (packet) => writer.write(packet));
    if (reason !== null) missing.push({capture: one.capture, path: one.path, reason});
  }
  await writer.end();
  return {packets: writer.packets, flows: writer.flows.size, cutTimes: writer.cutTimes, missing};
}
