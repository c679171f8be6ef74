import type {CaptureRow} from "../../schema/captures.ts";
import type {DissectionCounters} from "../dissect/dissection.ts";
import type {MeterCounters} from "../meter/meter.ts";
import type {Loss} from "../partitions/messages.ts";
import type {PacketSource} from "../sources/source.ts";

export interface ReadCapture {
  readonly sha256: string;
  readonly name: string;
  readonly bytes: number;
  readonly source: Pick<PacketSource, "format" | "kernelDrops" | "interfaceDrops"> & {
    readonly pipeDrops?: number | null;
  };
  readonly counters: MeterCounters;
  readonly dissected: DissectionCounters;
  readonly problem: string | null;
  readonly contentSha256: string | null;
  /** Who captured or imported it; null where nobody says so. */
  readonly sensor?: string | null;
  readonly importedAtUs: number;
  readonly meter: string;
  /** Whether duplicates are in no flow. */
  readonly leftOut?: boolean;
}

/** The row of `captures` for a file that was read, or for a part of a live capture. */
export function captureRow({
  sha256,
  name,
  bytes,
  source,
  counters,
  dissected,
  leftOut = false,
  ...rest
}: ReadCapture): CaptureRow {
  const unread = Object.values(counters.unread).reduce((sum, packets) => sum + packets, 0);
  return {
    capture_sha256: sha256,
    path: name,
    format: source.format,
    file_bytes: BigInt(bytes),
    packets: BigInt(counters.packets),
    wire_bytes: BigInt(counters.wireBytes),
    captured_bytes: BigInt(counters.capturedBytes),
    cut_packets: BigInt(counters.cutPackets),
    non_ip_packets: BigInt(counters.nonIpPackets),
    arp_packets: BigInt(counters.arpPackets),
    malformed: BigInt(counters.malformed),
    duplicate_packets: BigInt(counters.duplicates),
    misdated_packets: BigInt(counters.misdated),
    left_out_packets: BigInt(leftOut ? counters.duplicates : 0),
    unread_packets: BigInt(unread),
    unread: JSON.stringify(counters.unread),
    flows: BigInt(counters.flows),
    evicted_flows: BigInt(counters.evictedFlows),
    first_ts: timeOrNull(counters.firstTs, counters),
    last_ts: timeOrNull(counters.lastTs, counters),
    kernel_drops: countOrNull(source.kernelDrops),
    interface_drops: countOrNull(source.interfaceDrops),
    pipe_drops: countOrNull(source.pipeDrops ?? null),
    dissect_malformed: BigInt(dissected.malformed),
    dissect_given_up: BigInt(dissected.givenUp),
    dissect_gaps: BigInt(dissected.gaps),
    dissect_cut_texts: BigInt(dissected.cutTexts),
    dissect_dropped_rows: BigInt(dissected.droppedRows),
    dissect_unread_flows: BigInt(dissected.unreadFlows),
    dissect_forgotten_names: BigInt(dissected.forgottenNames),
    problem: rest.problem,
    content_sha256: rest.contentSha256,
    sensor: rest.sensor ?? null,
    imported_at: rest.importedAtUs,
    meter: rest.meter
  };
}

/** What a capture lost, for the metadata of the files that hold its rows. */
export function lossOf(row: CaptureRow): Loss {
  const {cut_packets, malformed, unread_packets, evicted_flows, kernel_drops, interface_drops, pipe_drops, problem} =
    row;
  const counts = {cut_packets, malformed, unread_packets, evicted_flows, kernel_drops, interface_drops, pipe_drops};
  const plain = Object.entries(counts).map(([name, count]) => [name, count === null ? null : Number(count)]);
  return {...Object.fromEntries(plain), problem};
}

function timeOrNull(ts: number, {packets}: MeterCounters): number | null {
  return packets > 0 && Number.isFinite(ts) ? ts : null;
}

function countOrNull(count: number | null): bigint | null {
  return count === null ? null : BigInt(count);
}
