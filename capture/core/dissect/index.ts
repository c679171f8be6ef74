import {eventCount, eventsAddress, LINK_FRAMES_END, NETWORK_SIGNAL, PAYLOAD, PAYLOAD_OF_LINK} from "../meter/events";
import {region} from "../meter/index";
import {Event} from "../meter/layout";
import {READING_BYTES, readings} from "../meter/memory";
import {readPayloads} from "../meter/settings";
import {Dictionary} from "./dictionary";
import {openFlowNames} from "./flow-names";
import {openHeap} from "./heap";
import {counter, heldBytes, openHeld} from "./streams/held";
import {endLinkTalks, openLinkTalks, takeLinkFrame} from "./link/talks";
import {forgottenNames, openNames} from "./names";
import {endNeighbours, openNeighbours} from "./neighbours/neighbours";
import {takeNeighbourFrame} from "./neighbours/link";
import {takeSignal} from "./network/signals";
import {handOverFiles} from "./parsers/files/transfer";
import {openDnsMessages} from "./parsers/dns/dns-message";
import {openExpected} from "./streams/expected";
import {openHellos} from "./parsers/tls/hello-row";
import {defineProtocols} from "./protocols/index";
import {besidesOf, clearTable, openTables, tableAt, valuesOf} from "./rows";
import {openTaking, takeEnd, takePayload, usedSlots} from "./streams/take";

export {clearColumns, insidesColumn, nameByDns, nameOpenRows, namesColumn, namesCount} from "./flow-names";
export {handOverFiles} from "./parsers/files/transfer";
export {protocolCount, protocolName, protocolNameLength} from "./protocols/registry";

/** Reads the payloads in the meter's log, in packet order. */

/** The region of the batch's bytes. */
const BYTES = 0;

let isOpen: bool = false;
let batch: usize = 0;

/**
 * Begins to read payloads, from nothing. `maxFlows`: flows read at the same time at most; `maxHeldBytes`: bytes that flows
 * together may hold; `maxRows`: rows of a table that may wait; `maxNames`: pairs of client and address of which the name
 * is remembered.
 */
export function openReadings(maxFlows: i32, maxHeldBytes: i32, maxRows: i32, maxNames: i32): void {
  memory.fill(readings, 0, <usize>usedSlots * READING_BYTES);
  isOpen = true;
  handOverFiles(false);
  readPayloads(true);
  batch = region(BYTES);
  openHeap();
  openTaking(maxFlows);
  openHeld(maxHeldBytes);
  openTables(maxRows);
  openNames(maxNames);
  openDnsMessages();
  openHellos();
  openExpected();
  defineProtocols();
  openFlowNames();
  openLinkTalks();
  openNeighbours();
}

/** Reads no more: all payloads are the host's. */
export function closeReadings(): void {
  isOpen = false;
  readPayloads(false);
}

/** Reads the log; false where payloads are not read here, but the host's. */
export function readEvents(): bool {
  if (!isOpen) return false;
  let at = eventsAddress();
  for (let i = 0; i < eventCount; i++, at += offsetof<Event>()) {
    const event = changetype<Event>(at);
    if (event.kind === PAYLOAD) takePayload(event, batch + <usize>event.start, batch + <usize>event.end);
    else if (event.kind === PAYLOAD_OF_LINK) {
      takeLinkFrame(event, batch);
      takeNeighbourFrame(event, batch);
    } else if (event.kind === LINK_FRAMES_END) {
      endLinkTalks();
      endNeighbours();
    }
    else if (event.kind === NETWORK_SIGNAL) takeSignal(event, batch);
    else takeEnd(event);
  }
  return true;
}

/**
 * Rows of table `number` that wait, and where column `column` of them is: 0 its values, 1 the
 * versions of its addresses, 2 its texts; 3 is how many bytes those are, and 4 how many texts.
 */
export function recordRows(number: i32): i32 {
  return tableAt(number).rows;
}

export function recordColumn(number: i32, column: i32, part: i32): usize {
  const table = tableAt(number);
  if (part === 0) return valuesOf(table, column);
  const besides = besidesOf(table, column);
  if (part === 1) return besides;
  const dictionary = changetype<Dictionary>(besides);
  return part === 2 ? <usize>dictionary.bytes : part === 3 ? <usize>dictionary.used : <usize>dictionary.count;
}

export function recordsDone(number: i32): void {
  clearTable(tableAt(number));
}

/** Counters: 0 malformed, 1 given up, 2 unread flows, 3 gaps, 4 cut texts, 5 forgotten names, 6 bytes held, 7 + n dropped rows of table n. */
export function readingsCounter(number: i32): f64 {
  if (number < 5) return counter(number);
  return number === 5 ? forgottenNames() : number === 6 ? <f64>heldBytes() : <f64>tableAt(number - 7).dropped;
}
