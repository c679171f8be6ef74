import {WLAN_MANAGEMENT} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countAll, finishOperations, LinkEnds, newOperation, noteOperation, Operations, REPORT} from "../parsers/industrial/operation";
import {countGivenUp} from "../streams/held";
import {readEthercat} from "./ethercat";
import {readGoose, readSampledValues} from "./iec61850";
import {readPowerlink} from "./powerlink";
import {isDcp, readDcp, readRealTime} from "./profinet";
import {etherTypeName} from "./ether-types";
import {readWlanManagement} from "./wlan";

/** Talks without IP: what one station sends to another (or a group) under one EtherType. */

const PROFINET: i32 = 0x8892;
const ETHERCAT: i32 = 0x88a4;
const POWERLINK: i32 = 0x88ab;
const GOOSE: i32 = 0x88b8;
const SAMPLED_VALUES: i32 = 0x88ba;

/** Talks that are open at most; the one that rests longest ends for the next. */
const MOST: i32 = 256;
/** A talk's rows are written after so long at most, and after so long without a frame; µs. */
const LONGEST: f64 = 1800e6;
const REST: f64 = 120e6;

@unmanaged
class Talk extends Operations {
  next: u32 = 0;
  type: i32 = 0;
  first: f64 = 0;
  last: f64 = 0;
}

/** The one that spoke last comes first. */
let newest: u32 = 0;
let count: i32 = 0;
/** Stations of the frame under way. */
const under = memory.data(offsetof<LinkEnds>());

/** Begins anew; to be called where the heap does. */
export function openLinkTalks(): void {
  newest = 0;
  count = 0;
}

/** Takes a frame: its EtherType, content and addresses are told by the event (`batch`: the batch's bytes). */
export function takeLinkFrame(event: Event, batch: usize): void {
  const start = batch + <usize>event.start;
  const end = batch + <usize>event.end;
  const ends = changetype<LinkEnds>(under);
  memory.fill(under, 0, offsetof<LinkEnds>());
  ends.vlan = event.version;
  if (event.streamOffset >= 0) {
    memory.copy(under, batch + <usize>event.streamOffset, 12);
    ends.hasAddresses = 1;
  }
  // DCP of PROFINET is another protocol under the same type.
  const type = event.proto === PROFINET && isDcp(start, end) ? event.proto | 0x10000 : event.proto;
  ends.type = <u32>event.proto;
  const talk = talkOf(type, event.time);
  if (talk === 0) return countGivenUp();
  read(changetype<Talk>(talk), type, start, end, event.time);
}

function read(talk: Talk, type: i32, start: usize, end: usize, time: f64): void {
  switch (type) {
    case PROFINET | 0x10000:
      if (readDcp(start, end)) return noteOperation(talk, 0, time);
      break;
    case PROFINET:
      if (readRealTime(start, end)) return noteOperation(talk, 0, time);
      break;
    case GOOSE:
      if (readGoose(start, end)) return noteOperation(talk, 0, time);
      break;
    case SAMPLED_VALUES:
      if (readSampledValues(start, end)) return noteOperation(talk, 0, time);
      break;
    case ETHERCAT: {
      // Several commands, one behind another.
      let at = readEthercat(start, end, start + 2);
      if (at === 0) break;
      for (let commands = 0; at !== 0 && commands < 64; commands++) {
        noteOperation(talk, 0, time);
        at = readEthercat(start, end, at);
      }
      return;
    }
    case POWERLINK:
      if (readPowerlink(start, end)) return noteOperation(talk, 0, time);
      break;
    case WLAN_MANAGEMENT:
      if (readWlanManagement(start, end)) return noteOperation(talk, 0, time);
      break;
  }
  newOperation(REPORT, -1, "frame", false);
  noteOperation(talk, 0, time);
}

/** The open talk of these stations and type, or a new one, before all others; 0 where memory is out. */
function talkOf(type: i32, time: f64): usize {
  let link: usize = 0;
  let at = <usize>newest;
  let before: usize = 0;
  while (at !== 0) {
    const talk = changetype<Talk>(at);
    if (talk.type === type && memory.compare(<usize>talk.ends, under, offsetof<LinkEnds>()) === 0) break;
    if (talk.next === 0) link = before;
    before = at;
    at = <usize>talk.next;
  }
  if (at !== 0) {
    const talk = changetype<Talk>(at);
    if (before !== 0) {
      changetype<Talk>(before).next = talk.next;
      talk.next = newest;
      newest = <u32>at;
    }
    if (time - talk.first > LONGEST || time - talk.last > REST) {
      finishOperations(talk, 0);
      talk.first = time;
    }
    talk.last = time;
    return at;
  }
  if (count === MOST) {
    // The last of the list; one is before it.
    end(<usize>changetype<Talk>(link).next);
    changetype<Talk>(link).next = 0;
  }
  return add(type, time);
}

function add(type: i32, time: f64): usize {
  const at = allocate(offsetof<Talk>() + offsetof<LinkEnds>());
  if (at === 0) return 0;
  memory.fill(at, 0, offsetof<Talk>());
  const talk = changetype<Talk>(at);
  talk.ends = <u32>(at + offsetof<Talk>());
  memory.copy(<usize>talk.ends, under, offsetof<LinkEnds>());
  talk.type = type;
  talk.first = talk.last = time;
  const name = protocolName(type);
  talk.protocol = name.length === 0 ? 0 : <u32>changetype<usize>(name);
  // What goes round in cycles writes all the time.
  if (type === ETHERCAT || type === POWERLINK || type === PROFINET) countAll(talk);
  talk.next = newest;
  newest = <u32>at;
  count++;
  return at;
}

function end(at: usize): void {
  finishOperations(changetype<Talk>(at), 0);
  release(at, offsetof<Talk>() + offsetof<LinkEnds>());
  count--;
}

/** Ends all of them. */
export function endLinkTalks(): void {
  while (newest !== 0) {
    const at = <usize>newest;
    newest = changetype<Talk>(at).next;
    end(at);
  }
}

function protocolName(type: i32): string {
  switch (type) {
    case PROFINET: return "profinet-rt";
    case PROFINET | 0x10000: return "profinet-dcp";
    case GOOSE: return "goose";
    case SAMPLED_VALUES: return "sampled-values";
    case ETHERCAT: return "ethercat";
    case POWERLINK: return "powerlink";
    case WLAN_MANAGEMENT: return "wlan-management";
  }
  return etherTypeName(<u32>type);
}
