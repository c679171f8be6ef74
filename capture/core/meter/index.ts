import {reserveActivity} from "./activity";
import {arpAddress, arpCount, clearArp, reserveArp, restartArp} from "./arp";
import * as batch from "./batch";
import {FEATURES, NUMBERS} from "./columns";
import {writeCommunities, reserveCommunity} from "./community-id";
import {END_CAPTURE} from "./constants";
import {countersAddress, clearCounters, linksAddress, reserveCounters} from "./counters";
import {clearFragments, fragmentsForgotten, reserveFragments} from "./decode/fragments";
import {reserveFrame} from "./decode/frame";
import {clearOverlaps, reserveOverlaps} from "./decode/overlaps";
import {clearDuplicates, reserveDuplicates} from "./duplicates";
import {clearEvents, eventCount, eventRoom, eventsAddress, reserveEvents} from "./events";
import {historyBytes, historyCodes, historyCount, historyTexts, numberHistories, reserveHistories} from "./histories";
import {hostsEvicted} from "./last-flows";
import {Event, ROW_BYTES} from "./layout";
import {endFlow, expire, leastWanted, reasonOf} from "./lifetime";
import {endLinkFrames} from "./link-frames";
import {reserveLikelyServers} from "./likely-servers";
import {reserveLone} from "./lone";
import {reserveReadings} from "./memory";
import * as output from "./output";
import {pairsEvicted} from "./pairs";
import {clearPastSequences, reservePastSequences} from "./past-sequences";
import {forgetTime, reservePath} from "./path";
import {startsDropped} from "./recent-starts";
import {askPayloads, setSettings} from "./settings";
import {reserveSha1} from "./sha1";
import {restartSignals} from "./signals";
import {beginSnapshot, countUnwritten, openSlots, reserveSnapshot, writeSnapshot} from "./snapshot";
import {capacity, clearTable, flowAt, liveFlows, reserveTable} from "./table";
import {reserveTcp} from "./tcp";
import {clearTunnelCopies, reserveTunnelCopies} from "./tunnel-copies";
import {clearWindows, reserveWindows, settle} from "./windows";
export {run} from "./path";

/** The doors of the core that meters: what the host calls. */

/**
 * Begins a capture: the first time all memory is reserved; afterwards, with as many flows at most, when all flows of the
 * one before have ended and were handed out.
 */
export function initialize(maxFlows: i32, idle: f64, active: f64, seed: u64, verifies: bool, dedups: bool): void {
  setSettings(idle, active, seed, verifies, dedups);
  forgetTime();
  if (batch.bytes !== 0) return begin();
  batch.reserveBatch();
  reservePath();
  reserveCounters();
  reserveDuplicates();
  reserveTunnelCopies();
  reserveFrame();
  reserveFragments();
  reserveOverlaps();
  reserveEvents();
  output.reserveOutput();
  reserveCommunity();
  reserveHistories();
  reservePastSequences();
  reserveLone();
  reserveSha1();
  reserveTcp();
  reserveLikelyServers();
  reserveWindows();
  reserveSnapshot();
  reserveArp();
  reserveActivity(maxFlows);
  reserveReadings(maxFlows);
  reserveTable(maxFlows);
}

/** Forgets all of the capture before. */
function begin(): void {
  clearCounters();
  clearDuplicates();
  clearTunnelCopies();
  clearFragments();
  clearOverlaps();
  clearEvents();
  output.clearOutput();
  restartArp();
  restartSignals();
  clearWindows();
  clearPastSequences();
  clearTable();
}

/** Address of a region, by number: the host's only way to learn the layout. */
export function region(number: i32): usize {
  switch (number) {
    case 0:
      return batch.bytes;
    case 1:
      return batch.offsets;
    case 2:
      return batch.captureds;
    case 3:
      return batch.wires;
    case 4:
      return batch.times;
    case 5:
      return batch.links;
    case 6:
      return countersAddress();
    case 7:
      return linksAddress();
    case 8:
      return eventsAddress();
    case 9:
      return output.numbers;
    case 10:
      return output.features;
    case 11:
      return output.identifiers;
    case 12:
      return output.marks;
    case 13:
      return output.addresses;
    case 14:
      return output.histories;
    case 15:
      return output.tunnels;
    case 16:
      return output.communities;
    case 17:
      return batch.flowIds;
    case 18:
      return openSlots;
    case 19:
      return arpAddress();
    case 20:
      return historyCodes;
    case 21:
      return historyTexts;
    case 22:
      return output.activityCodes;
    case 23:
      return output.activityTexts;
    default:
      return 0;
  }
}

export function bytesCapacity(): i32 {
  return batch.BUFFER_BYTES;
}
export function eventBytes(): i32 {
  return offsetof<Event>();
}
export function outputRows(): i32 {
  return output.OUTPUT_ROWS;
}
export function columnStride(): i32 {
  return output.COLUMN_STRIDE;
}
export function featureCount(): i32 {
  return FEATURES;
}
export function numberCount(): i32 {
  return NUMBERS;
}
export function rowBytes(): i32 {
  return <i32>ROW_BYTES;
}
/** Rows that there is room for now. */
export function rowCapacity(): i32 {
  return capacity;
}
export function events(): i32 {
  return eventCount;
}
/** Rows of the output; all of them stand in their columns then. */
export function rows(): i32 {
  if (output.outputCount > 0) output.writeTile();
  return output.outputCount;
}
export function live(): i32 {
  return liveFlows();
}
/** Records of ARP packets since `arpDone`. */
export function arp(): i32 {
  return arpCount;
}
export function arpDone(): void {
  clearArp();
}
export function eventsDone(): void {
  clearEvents();
}
export function rowsDone(): void {
  output.clearOutput();
}
export function communities(): void {
  writeCommunities(output.outputCount);
}
/** Makes the texts of activity; how many there are. */
export function activities(): i32 {
  return output.writeActivities();
}
/** Bytes of those texts. */
export function activityBytes(): i32 {
  return <i32>(output.activityEnd - output.activityTexts);
}
/** Makes the column of histories; how many distinct ones there are. */
export function histories(): i32 {
  numberHistories(output.outputCount);
  return historyCount;
}
/** Bytes of those texts. */
export function historiesBytes(): i32 {
  return historyBytes;
}

/** What bounded side tables lost: 0 fragments forgotten; 1 starts, 2 pairs and 3 hosts of the context windows. */
export function lost(number: i32): f64 {
  settle();
  switch (number) {
    case 0:
      return fragmentsForgotten;
    case 1:
      return startsDropped;
    case 2:
      return pairsEvicted();
    default:
      return hostsEvicted();
  }
}

/** Whether the host wants payloads of the packets that come. */
export function ask(payloads: bool): void {
  askPayloads(payloads);
}

/** Sends no more payload of the flow in that slot, if it is still the same. */
export function mute(slot: i32, high: i32, low: i32): void {
  const flow = flowAt(slot);
  if (flow.live !== 0 && flow.id === (((<u64>(<u32>high)) << 32) | <u64>(<u32>low))) flow.wantsPayload = 0;
}

/** Ends flows whose grace or idle time is over at `time`, as a packet of that time would; false where there is no room. */
export function advance(time: f64): bool {
  return expire(time);
}

/** Ends all flows, closed ones first, then those that have rested longest; false where the output is full before the last. */
export function finish(): bool {
  for (;;) {
    const slot = leastWanted();
    if (slot < 0) return endLinkFrames();
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, reasonOf(flowAt(slot), END_CAPTURE));
  }
  return true;
}

/** Rows of flows under way, as they are now (snapshot.ts). */
export function snapshotFrom(time: f64, most: i32): void {
  beginSnapshot(time, most);
}
export function snapshot(): bool {
  return writeSnapshot();
}
export function snapshotLeft(): i32 {
  return countUnwritten();
}
