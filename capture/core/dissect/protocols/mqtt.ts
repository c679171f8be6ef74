import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {MQTT_CLIENT_ID, MQTT_MESSAGES, MQTT_PUBLISHED, MQTT_RETURN_CODE, MQTT_SUBSCRIBED, MQTT_TABLE, MQTT_USER, MQTT_VERSION} from "../columns";
import {allocate, dropText, keepText, release} from "../heap";
import {keptText, setWord} from "../parsers/kept";
import {isPrintable} from "../parsers/printable";
import {addRow, setKept, setNull, setNumber, tableAt} from "../rows";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {clean, cleanAt, cleanLength, isSame, isText} from "../text";

/**
 * MQTT by its CONNECT packet (MQTT 5.0 §3.1); where the connection was met behind that by a PUBLISH with a topic, or a ping
 * alone, which is no proof before its answer.
 */
export function recogniseMqtt(_event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) >= 0xc0) return end - start === 2 && load<u8>(start, 1) === 0;
  let at = start + 1;
  let length: u32 = 0;
  let shift: u32 = 0;
  for (; at < end && at < start + 5; at++, shift += 7) {
    length |= <u32>(load<u8>(at) & 0x7f) << shift;
    if (load<u8>(at) < 0x80) break;
  }
  at++;
  if (load<u8>(start) === 0x10) return isText(at, end, "\0\x04MQTT") || isText(at, end, "\0\x06MQIsdp");
  // A long one goes on in the segments that follow.
  if (at + 3 > end || (<usize>length !== end - at && (<usize>length < end - at || end - start < LONG))) return false;
  const topic = at + 2 + <usize>u16At(at);
  return topic <= end && topic > at + 3 && isPrintable(at + 2, topic);
}

/** Whether it may begin with that byte. */
export function beginsMqtt(byte: u8): bool {
  return byte === 0x10 || (byte >= 0x30 && byte <= 0x35) || byte === 0xc0 || byte === 0xd0;
}

/** A segment of so many bytes is full. */
const LONG: usize = 500;
/** Bytes of a packet that are looked at; the rest is passed over. */
const MAX_PACKET: u32 = 4096;
/** Longest list of topics, in bytes. */
const MAX_TOPICS: u32 = 1024;

@unmanaged
class Flow {
  ts: f64 = 0;
  messages: f64 = 0;
  sides: u32 = 0;
  client: u32 = 0;
  user: u32 = 0;
  published: u32 = 0;
  subscribed: u32 = 0;
  /** Protocol level; 0 without a CONNECT. */
  level: u8 = 0;
  hasAnswer: u8 = 0;
  answer: u8 = 0;
  /** 1 a ping was seen, 2 its answer, 4 something that proves the protocol; all of 1 and 2 do, too. */
  proof: u8 = 0;
}

const PINGED: u8 = 1;
const ANSWERED: u8 = 2;
const PROVED: u8 = 4;

/** Its number as a service, plus one. */
let service: u16 = 0;

export function setMqtt(number: u16): void {
  service = number + 1;
}

function isProved(flow: Flow): bool {
  return flow.proof >= (PINGED | ANSWERED);
}

/** State of a new flow; 0 where memory is out. */
export function beginMqtt(): usize {
  const state = allocate(offsetof<Flow>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Flow>());
  changetype<Flow>(state).ts = NaN;
  return state;
}

/** Takes a segment; false: no more wanted. */
export function takeMqtt(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const flow = changetype<Flow>(state);
  if (isNaN(flow.ts)) flow.ts = event.time;
  if (flow.sides === 0) flow.sides = <u32>openSides(state);
  const wantsMore = flow.sides !== 0 && takeSegment(<usize>flow.sides, event, start, end, takeBytes, passGap);
  if (reading.service === 0 && isProved(flow)) reading.service = service;
  return wantsMore;
}

/** The connection has ended: its row is written. */
export function endMqtt(state: usize, _reading: Reading, event: Event): void {
  const flow = changetype<Flow>(state);
  if (flow.sides !== 0) {
    finishSides(<usize>flow.sides, takeBytes, passGap);
    closeSides(<usize>flow.sides);
  }
  const rows = tableAt(MQTT_TABLE);
  const row = isProved(flow) ? addRow(rows, flowIdOf(event), flow.ts) : -1;
  if (row >= 0) {
    setKept(rows, row, MQTT_CLIENT_ID, <usize>flow.client);
    setKept(rows, row, MQTT_USER, <usize>flow.user);
    if (flow.level === 0) setNull(rows, row, MQTT_VERSION);
    else setWord(rows, row, MQTT_VERSION, flow.level === 3 ? "3.1" : flow.level === 4 ? "3.1.1" : "5.0");
    setNumber(rows, row, MQTT_RETURN_CODE, flow.hasAnswer !== 0 ? <f64>flow.answer : NaN);
    setKept(rows, row, MQTT_PUBLISHED, <usize>flow.published);
    setKept(rows, row, MQTT_SUBSCRIBED, <usize>flow.subscribed);
    setNumber(rows, row, MQTT_MESSAGES, flow.messages);
  }
  dropText(<usize>flow.client);
  dropText(<usize>flow.user);
  dropText(<usize>flow.published);
  dropText(<usize>flow.subscribed);
  release(state, offsetof<Flow>());
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findPacket, takePackets, MAX_PACKET + 5);
}

/** Nothing marks a packet; after a hole the direction goes on where a segment is a PUBLISH. */
function findPacket(start: usize, end: usize): usize {
  return load<u8>(start) >> 4 === 3 && recogniseMqtt(changetype<Event>(0), start, end) ? start : 0;
}

function takePackets(side: Side, start: usize, end: usize, _ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && at + 2 <= end) {
    let length: u32 = 0;
    let body = at + 1;
    let shift: u32 = 0;
    while (body < end && load<u8>(body) >= 0x80 && shift < 21) {
      length |= <u32>(load<u8>(body++) & 0x7f) << shift;
      shift += 7;
    }
    if (body >= end) return at;
    length |= <u32>(load<u8>(body++) & 0x7f) << shift;
    const looked = min(length, MAX_PACKET);
    if (body + <usize>looked > end) return at;
    takePacket(changetype<Flow>(<usize>side.parser), load<u8>(at), body, body + <usize>looked);
    side.skip = length - looked;
    at = pass(side, body + <usize>looked, end);
  }
  return at;
}

function takePacket(flow: Flow, first: u8, at: usize, end: usize): void {
  switch (first >> 4) {
    case 1:
      flow.proof |= PROVED;
      return takeConnect(flow, at, end);
    case 2:
      if (at + 2 <= end && flow.hasAnswer === 0) {
        flow.hasAnswer = 1;
        flow.answer = load<u8>(at, 1);
      }
      return;
    case 3:
      flow.messages++;
      flow.proof |= PROVED;
      if (at + 2 <= end && u16At(at) > 0) flow.published = addTopic(<usize>flow.published, at + 2, min(end, at + 2 + <usize>u16At(at)));
      return;
    case 8:
      return takeSubscribe(flow, at + 2, end);
    case 12:
      flow.proof |= PINGED;
      return;
    case 13:
      flow.proof |= ANSWERED;
  }
}

/** Name and level of the protocol, flags, time, properties (5.0), client, will, user, password (MQTT 5.0 §3.1). */
function takeConnect(flow: Flow, at: usize, end: usize): void {
  if (at + 2 > end || flow.level !== 0) return;
  at += 2 + <usize>u16At(at);
  if (at + 4 > end) return;
  flow.level = load<u8>(at);
  const flags = load<u8>(at, 1);
  at += 4;
  if (flow.level === 5) at = behindProperties(at, end);
  if (at === 0 || at + 2 > end) return;
  const client = at + 2 + <usize>u16At(at);
  if (client > end) return;
  flow.client = <u32>keptText(at + 2, client);
  at = client;
  if ((flags & 4) !== 0) {
    if (flow.level === 5) at = behindProperties(at, end);
    // The will's topic and message.
    for (let i = 0; i < 2; i++) {
      if (at === 0 || at + 2 > end) return;
      at += 2 + <usize>u16At(at);
    }
  }
  if ((flags & 0x80) === 0 || at + 2 > end || at + 2 + <usize>u16At(at) > end) return;
  flow.user = <u32>keptText(at + 2, at + 2 + <usize>u16At(at));
}

/** Filters with an option each, behind the packet's number and properties (§3.8). */
function takeSubscribe(flow: Flow, at: usize, end: usize): void {
  if (flow.level === 5) at = behindProperties(at, end);
  while (at !== 0 && at + 3 <= end && at + 3 + <usize>u16At(at) <= end) {
    const topic = at + 2;
    at = topic + <usize>u16At(at) + 1;
    flow.subscribed = addTopic(<usize>flow.subscribed, topic, at - 1);
  }
}

/** Behind a length of up to two bytes and as many bytes; 0 where they are not there. */
function behindProperties(at: usize, end: usize): usize {
  if (at + 1 > end) return 0;
  let length = <usize>load<u8>(at++);
  if (length >= 0x80) {
    if (at + 1 > end) return 0;
    length = (length & 0x7f) | (<usize>load<u8>(at++) << 7);
  }
  return at + length > end ? 0 : at + length;
}

const joined = memory.data(2048);

/** The list with the topic behind it, where it is new and there is room. */
function addTopic(list: usize, from: usize, to: usize): u32 {
  clean(from, to, 512);
  const at = cleanAt;
  const length = cleanLength;
  if (length === 0) return <u32>list;
  if (list === 0) return <u32>keepText(at, length);
  const before = load<u32>(list);
  if (before + length + 1 > MAX_TOPICS || hasTopic(list, at, length)) return <u32>list;
  memory.copy(joined, list + 4, before);
  store<u8>(joined + before, 0x2c);
  memory.copy(joined + before + 1, at, length);
  const text = keepText(joined, before + 1 + length);
  if (text === 0) return <u32>list;
  dropText(list);
  return <u32>text;
}

function hasTopic(list: usize, at: usize, length: u32): bool {
  const end = list + 4 + <usize>load<u32>(list);
  for (let from = list + 4; from < end; ) {
    let to = from;
    while (to < end && load<u8>(to) !== 0x2c) to++;
    if (<u32>(to - from) === length && isSame(from, at, length)) return true;
    from = to + 1;
  }
  return false;
}
