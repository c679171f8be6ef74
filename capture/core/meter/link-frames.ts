import {vlan} from "./decode/frame";
import {eventRoom, LINK_FRAMES_END, nextLinkEvent, PAYLOAD_OF_LINK} from "./events";
import {readerAsks} from "./settings";

/** Frames without IP whose EtherType is known, on their way to who reads them. */

let type: u32 = 0;
let at: usize = 0;
let end: usize = 0;
/** Where receiver and sender stand, if not at the frame's beginning; 0 else. */
let stations: usize = 0;
/** Whether there were any since the last end. */
let any: bool = false;

/** Remembers what the frame being decoded is, and where its content stands, and its stations if not before an EtherType. */
export function foundLinkFrame(its: u32, from: usize, to: usize, addresses: usize = 0): void {
  stations = addresses;
  type = its;
  at = from;
  end = to;
}

/** Logs the frame just found, which begins at `start` of the batch's `bytes`; `link` is its link type. */
export function logLinkFrame(bytes: usize, start: usize, wire: u32, link: i32, time: f64): void {
  if (!readerAsks) return;
  any = true;
  const event = nextLinkEvent(PAYLOAD_OF_LINK);
  event.proto = <i32>type;
  event.start = <i32>(at - bytes);
  event.end = <i32>(end - bytes);
  // Ethernet's addresses stand at the frame's beginning.
  event.streamOffset = stations !== 0 ? <i32>(stations - bytes) : link === 1 ? <i32>(start - bytes) : -1;
  event.cut = <i32>wire;
  event.version = vlan;
  event.time = time;
}

/** The end is to be told, though no such frame came: who reads waits for it. */
export function awaitLinkEnd(): void {
  any = true;
}

/** Logs that no more will come; false where there is no room. */
export function endLinkFrames(): bool {
  if (!any || !readerAsks) return true;
  if (eventRoom() === 0) return false;
  any = false;
  nextLinkEvent(LINK_FRAMES_END);
  return true;
}
