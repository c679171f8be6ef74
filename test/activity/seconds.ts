import {openSource} from "../../capture/sources/open.ts";
import {activeShare, dividedColumns, readActivities} from "../../src/lib/activity.ts";
import {shareOf} from "../../src/lib/selection.ts";
import {meterFile, testSettings} from "../capture/meter/metered.ts";
import {plainBatch} from "../capture/sources/packets.ts";

const columns = ["ts_start", "duration_us", ...dividedColumns, "activity"];

const kinds = {bytes: ["src_wire_bytes", "dst_wire_bytes"], packets: ["src_pkts", "dst_pkts"]} as const;

/** Volume of a capture by bucket: of the packets of its flows, and as charts draw it of the flows. */
export interface VolumeErrors {
  /** All bytes, or packets. */
  readonly bytes: number;
  /** The part of them that is drawn in another bucket than it came in; and the same with flows spread evenly. */
  readonly drawn: number;
  readonly evenly: number;
  /** Bytes of the texts of activity. */
  readonly texts: number;
}

/**
 * How far a chart of buckets of so many µs is from the packets. A packet of no flow counts in neither: flows' bytes
 * by second are taken from meters of one capture, one of which ends every flow with its second.
 */
export async function volumeErrors(
  file: string,
  widthUs = 1e6,
  kind: keyof typeof kinds = "bytes"
): Promise<VolumeErrors | null> {
  const {flows} = await meterFile(file, testSettings, columns);
  const packets = await packetVolume(file, widthUs, kind);
  const drawn = new Map<number, number>();
  const evenly = new Map<number, number>();
  let [bytes, texts] = [0, 0];
  for (const flow of flows) {
    const {ts_start, duration_us, activity} = flow;
    const volume = kinds[kind].reduce((sum, column) => sum + flow[column], 0);
    bytes += volume;
    texts += activity?.length ?? 0;
    const read = activity === null ? null : readActivities([activity]);
    const end = ts_start + duration_us;
    for (let at = Math.floor(ts_start / widthUs) * widthUs; at <= end; at += widthUs) {
      const share = shareOf(ts_start, duration_us, at, at + widthUs);
      add(evenly, at, volume * share);
      for (const column of kinds[kind]) {
        const own = read ? activeShare(read, 0, ts_start, end, at, at + widthUs, column) : share;
        add(drawn, at, flow[column] * own);
      }
    }
  }
  if (bytes === 0) return null;
  return {bytes, drawn: difference(drawn, packets) / bytes, evenly: difference(evenly, packets) / bytes, texts};
}

/** Bytes on the wire of all packets by bucket, or how many they are. */
async function packetVolume(file: string, widthUs: number, kind: keyof typeof kinds): Promise<Map<number, number>> {
  const volume = new Map<number, number>();
  const batch = plainBatch();
  const source = await openSource(file);
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++)
      add(volume, Math.floor(batch.ts[i] / widthUs) * widthUs, kind === "bytes" ? batch.wire[i] : 1);
  await source.close();
  return volume;
}

function add(volume: Map<number, number>, at: number, bytes: number): void {
  volume.set(at, (volume.get(at) ?? 0) + bytes);
}

/** Half the sum of differences: what would have to be moved. Packets that belong to no flow are more on one side. */
function difference(drawn: ReadonlyMap<number, number>, packets: ReadonlyMap<number, number>): number {
  let [more, less] = [0, 0];
  for (const at of new Set([...drawn.keys(), ...packets.keys()])) {
    const by = (drawn.get(at) ?? 0) - (packets.get(at) ?? 0);
    if (by > 0) more += by;
    else less -= by;
  }
  return Math.min(more, less);
}
