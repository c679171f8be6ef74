import type {CaptureRow} from "../../schema/captures.ts";
import {captureRow, type ReadCapture} from "../rows/capture-row.ts";
import type {LogRead} from "./read-log.ts";

/** The row of `captures` for a log of flows: packets and bytes are those of its flows, and none was captured. */
export function logRow(
  {format, flows, packets, wireBytes, firstUs, lastUs}: LogRead,
  about: Omit<ReadCapture, "source" | "counters" | "dissected" | "leftOut">
): CaptureRow {
  const source = {format, kernelDrops: null, interfaceDrops: null};
  const counters = {
    packets,
    wireBytes,
    capturedBytes: 0,
    cutPackets: 0,
    nonIpPackets: 0,
    arpPackets: 0,
    malformed: 0,
    corruptPackets: 0,
    duplicates: 0,
    misdated: 0,
    unread: {},
    flows,
    evictedFlows: 0,
    firstTs: firstUs ?? Number.NaN,
    lastTs: lastUs ?? Number.NaN,
    fragmentsForgotten: 0,
    contextStartsDropped: 0,
    contextPairsEvicted: 0,
    contextHostsEvicted: 0
  };
  const dissected = {
    malformed: 0,
    givenUp: 0,
    gaps: 0,
    cutTexts: 0,
    droppedRows: 0,
    unreadFlows: 0,
    forgottenNames: 0
  };
  // Packets may be untold, and times are told all the same.
  const row = captureRow({...about, source, counters: {...counters, packets: Math.max(packets, 1)}, dissected});
  return {...row, packets: BigInt(packets)};
}
