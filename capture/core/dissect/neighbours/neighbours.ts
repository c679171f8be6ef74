import {awaitLinkEnd} from "../../meter/link-frames";
import {
  NEIGHBOURS_ADDRESS,
  NEIGHBOURS_AUTH,
  NEIGHBOURS_DEFAULT_ROUTE,
  NEIGHBOURS_DEVICE,
  NEIGHBOURS_DST_IP,
  NEIGHBOURS_DURATION_US,
  NEIGHBOURS_ERROR,
  NEIGHBOURS_GROUP_ID,
  NEIGHBOURS_HOLD_S,
  NEIGHBOURS_LEADER,
  NEIGHBOURS_LEADER_PRIORITY,
  NEIGHBOURS_MESSAGE,
  NEIGHBOURS_MESSAGES,
  NEIGHBOURS_NETWORKS,
  NEIGHBOURS_PLATFORM,
  NEIGHBOURS_PORT,
  NEIGHBOURS_PREFIXES,
  NEIGHBOURS_PRIORITY,
  NEIGHBOURS_PROTOCOL,
  NEIGHBOURS_SEQUENCE,
  NEIGHBOURS_SRC_IP,
  NEIGHBOURS_SRC_MAC,
  NEIGHBOURS_STATE,
  NEIGHBOURS_TABLE,
  NEIGHBOURS_VLAN,
  NEIGHBOURS_WITHDRAWN
} from "../columns";
import {allocate, release} from "../heap";
import {addCaptureRow, setAddress, setNull, setNumber, setText, Table, tableAt} from "../rows";
import {countGivenUp} from "../streams/held";
import {appendMac, appendText} from "../text";
import {ADDRESS, Announcement, ANNOUNCEMENT_BYTES, DEVICE, ERROR, LEADER, NETWORKS, PLATFORM, PORT, SAID_BYTES, said, SUBJECT_BYTES, textLength, textPlace} from "./announcement";

/** Announcements on their way to rows of `neighbours`: equal ones of a sender are counted. */

/** Senders and subjects that are open at most; the one that rests longest ends for the next. */
const MOST: i32 = 256;
/** A row is written after so long at most, and after so long without a message; µs. */
const LONGEST: f64 = 1800e6;
const REST: f64 = 300e6;

@unmanaged
class Neighbour {
  first: f64 = 0;
  last: f64 = 0;
  next: u32 = 0;
  messages: u32 = 0;
}

const NEIGHBOUR_BYTES: usize = offsetof<Neighbour>() + ANNOUNCEMENT_BYTES;
const word = memory.data(128);

/** The one that spoke last comes first. */
let newest: u32 = 0;
let count: i32 = 0;
let rows: Table = changetype<Table>(0);
let row: i32 = 0;

/** Begins anew; to be called where the heap does. */
export function openNeighbours(): void {
  newest = 0;
  count = 0;
}

// @ts-ignore: decorator
@inline
function announcementOf(at: usize): Announcement {
  return changetype<Announcement>(at + offsetof<Neighbour>());
}

/** Takes the message under way (`said`), which came at `time`. */
export function noteAnnouncement(time: f64): void {
  awaitLinkEnd();
  let link: usize = 0;
  let at = <usize>newest;
  while (at !== 0 && memory.compare(changetype<usize>(announcementOf(at)), changetype<usize>(said), SUBJECT_BYTES) !== 0) {
    const next = <usize>changetype<Neighbour>(at).next;
    if (next === 0 && count === MOST) break;
    link = at;
    at = next;
  }
  if (at === 0) return add(time);
  const neighbour = changetype<Neighbour>(at);
  const before = announcementOf(at);
  if (link === 0) newest = neighbour.next;
  else changetype<Neighbour>(link).next = neighbour.next;
  if (!isSame(before) || time - neighbour.first > LONGEST || time - neighbour.last > REST) {
    write(at);
    return add(time);
  }
  neighbour.messages++;
  neighbour.last = time;
  before.prefixes += said.prefixes;
  before.withdrawn += said.withdrawn;
  neighbour.next = newest;
  newest = <u32>at;
}

/** Whether an announcement is the one under way but for what is summed. */
function isSame(before: Announcement): bool {
  const at = changetype<usize>(before);
  const other = changetype<usize>(said);
  const texts = offsetof<Announcement>();
  return memory.compare(at, other, SAID_BYTES) === 0 && memory.compare(at + texts, other + texts, ANNOUNCEMENT_BYTES - texts) === 0;
}

function add(time: f64): void {
  const at = allocate(NEIGHBOUR_BYTES);
  if (at === 0) return countGivenUp();
  const neighbour = changetype<Neighbour>(at);
  neighbour.first = neighbour.last = time;
  neighbour.messages = 1;
  neighbour.next = newest;
  memory.copy(at + offsetof<Neighbour>(), changetype<usize>(said), ANNOUNCEMENT_BYTES);
  newest = <u32>at;
  count++;
}

/** Writes the rows of all that are open. */
export function endNeighbours(): void {
  while (newest !== 0) {
    const at = <usize>newest;
    newest = changetype<Neighbour>(at).next;
    write(at);
  }
}

/** Writes the row of one that is in the list no more, and lets go of it. */
function write(at: usize): void {
  const neighbour = changetype<Neighbour>(at);
  rows = tableAt(NEIGHBOURS_TABLE);
  row = addCaptureRow(rows, neighbour.first);
  if (row >= 0) {
    setSender(announcementOf(at));
    setSaid(announcementOf(at));
    setNumber(rows, row, NEIGHBOURS_MESSAGES, neighbour.messages);
    setNumber(rows, row, NEIGHBOURS_DURATION_US, max(neighbour.last - neighbour.first, 0));
  }
  release(at, NEIGHBOUR_BYTES);
  count--;
}

function setSender(its: Announcement): void {
  const at = changetype<usize>(its);
  if (its.hasStation === 0) setNull(rows, row, NEIGHBOURS_SRC_MAC);
  else setText(rows, row, NEIGHBOURS_SRC_MAC, word, <u32>(appendMac(at + offsetof<Announcement>("station"), word) - word));
  setNumber(rows, row, NEIGHBOURS_VLAN, its.vlan < 0 ? NaN : <f64>its.vlan);
  setAddress(rows, row, NEIGHBOURS_SRC_IP, at + offsetof<Announcement>("sourceA"), its.version);
  setAddress(rows, row, NEIGHBOURS_DST_IP, at + offsetof<Announcement>("targetA"), its.version);
  setConstant(NEIGHBOURS_PROTOCOL, its.protocol);
  setConstant(NEIGHBOURS_MESSAGE, its.message);
}

function setSaid(its: Announcement): void {
  setOwn(NEIGHBOURS_DEVICE, its, DEVICE);
  setOwn(NEIGHBOURS_PORT, its, PORT);
  setOwn(NEIGHBOURS_PLATFORM, its, PLATFORM);
  setOwn(NEIGHBOURS_ADDRESS, its, ADDRESS);
  setOwn(NEIGHBOURS_LEADER, its, LEADER);
  setOwn(NEIGHBOURS_ERROR, its, ERROR);
  setOwn(NEIGHBOURS_NETWORKS, its, NETWORKS);
  setConstant(NEIGHBOURS_STATE, its.state);
  setConstant(NEIGHBOURS_AUTH, its.auth);
  setNumber(rows, row, NEIGHBOURS_GROUP_ID, its.group);
  setNumber(rows, row, NEIGHBOURS_PRIORITY, its.priority);
  setNumber(rows, row, NEIGHBOURS_LEADER_PRIORITY, its.leaderPriority);
  setNumber(rows, row, NEIGHBOURS_HOLD_S, its.hold);
  setNumber(rows, row, NEIGHBOURS_SEQUENCE, its.sequence);
  setNumber(rows, row, NEIGHBOURS_DEFAULT_ROUTE, its.defaultRoute);
  setNumber(rows, row, NEIGHBOURS_PREFIXES, its.prefixes);
  setNumber(rows, row, NEIGHBOURS_WITHDRAWN, its.withdrawn);
}

function setOwn(column: i32, its: Announcement, text: i32): void {
  const length = textLength(its, text);
  if (length === 0) setNull(rows, row, column);
  else setText(rows, row, column, textPlace(its, text), length);
}

function setConstant(column: i32, text: u32): void {
  if (text === 0) return setNull(rows, row, column);
  setText(rows, row, column, word, <u32>(appendText(changetype<string>(<usize>text), word) - word));
}
