import type {Writable} from "node:stream";
import {type FlowPacket, readFlowPackets, type WantedFlows} from "./flow-packets.ts";
import {type Annotations, PcapngWriter, PcapWriter} from "./packet-files.ts";

export interface ExportedPackets {
  readonly packets: number;
  /** Flows of which at least one packet was found. */
  readonly flows: number;
  /** Packets whose time has ns that the file, which began with a capture in µs, does not hold. */
  readonly cutTimes: number;
  /** Captures without packets at hand, and why. */
  readonly missing: readonly {readonly capture: string; readonly path: string; readonly reason: string}[];
}

export interface ExportWay {
  /** A pcapng file with these; without them a pcap file. */
  readonly annotations?: Annotations;
  /** What is written in the place of a packet. */
  readonly change?: (packet: FlowPacket) => FlowPacket;
}

/**
 * Writes the packets of flows as one file, capture after capture. Throws a PacketsProblem where the captures have several
 * link types, which a pcap file does not hold. `to` is not ended.
 */
export async function exportPackets(
  lake: string,
  wanted: readonly WantedFlows[],
  to: Writable,
  {annotations, change = (packet) => packet}: ExportWay = {}
): Promise<ExportedPackets> {
  const writer = annotations ? new PcapngWriter(to, annotations) : new PcapWriter(to);
  const missing: {capture: string; path: string; reason: string}[] = [];
  for (const one of wanted) {
    const {reason} = await readFlowPackets(lake, one, (packet) => writer.write(change(packet)));
    if (reason !== null) missing.push({capture: one.capture, path: one.path, reason});
  }
  await writer.end();
  return {
    packets: writer.packets,
    flows: writer.flows.size,
    cutTimes: writer instanceof PcapWriter ? writer.cutTimes : 0,
    missing
  };
}
