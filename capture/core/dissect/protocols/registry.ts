/** How a payload finds its protocol: by transport and first byte those that it may begin are asked, in the order of their definition. */

import {Event} from "../../meter/layout";
import {READ} from "../streams/reading";

/** Whether a payload of an event (of one byte at least, in `start .. end`) begins a conversation of a protocol. */
type Recognise = (event: Event, start: usize, end: usize) => bool;
/** Whether it may begin with that byte. */
type Begins = (byte: u8) => bool;

/** Transports. */
export const TCP: u8 = 1;
export const UDP: u8 = 2;

/** It has a parser (parsers/index.ts); else the name is all. */
export const IS_READ: u8 = 1;
/** A TLS session may begin later in the same connection (STARTTLS, proxies), without a parser's word for it. */
export const MAY_TURN_TLS: u8 = 2;
/** One payload is no proof: the parser names the flow once it is sure. */
export const IS_TENTATIVE: u8 = 4;

/** Numbers that there is room for. */
export const MOST_NUMBERS: u16 = 1024;
/** Room for the lists of candidates: places in them. */
const MOST_CANDIDATES = 131072;

@unmanaged
class Protocol {
  /** Functions, as the addresses of their references. */
  recognise: u32 = 0;
  begins: u32 = 0;
  number: u16 = 0;
  transports: u8 = 0;
  reserved: u8 = 0;
}

/** In the order in which they are asked. */
const protocols = memory.data(<i32>MOST_NUMBERS * 12);
export let asked: i32 = 0;
/** Flags by number, and names (of the variants that parsers name, too). */
const flags = memory.data(<i32>MOST_NUMBERS);
const names = memory.data(<i32>MOST_NUMBERS * 4);
/** The next number; the first ones are those of the protocols that have parsers (reading.ts). */
export let count: u16 = READ;

/** By transport and first byte: where the list of the protocols that it may begin is, which are their addresses in their order, then a 0. */
const lists = memory.data(2048);
const candidates = memory.data(<i32>MOST_CANDIDATES * 4);

/** A protocol's number (`count`: the next one), name, transports, what it begins with, how it is recognised, flags; its number. */
export function define(number: u16, text: string, transports: u8, begins: Begins, recognise: Recognise, its: u8 = 0): u16 {
  const protocol = protocolAt(asked++);
  protocol.recognise = <u32>changetype<usize>(recognise);
  protocol.begins = <u32>changetype<usize>(begins);
  protocol.transports = transports;
  protocol.number = number;
  store<u8>(flags + number, its);
  name(number, text);
  if (number === count) count = following();
  return number;
}

/** A name that the parser of another protocol gives; its number. */
export function variant(text: string): u16 {
  const number = count;
  name(number, text);
  count = following();
  return number;
}

function following(): u16 {
  assert(count < MOST_NUMBERS);
  return count + 1;
}

export function name(number: u16, text: string): void {
  store<u32>(names + (<usize>number << 2), <u32>changetype<usize>(text));
}

export function beginsAnyhow(_byte: u8): bool {
  return true;
}

export function fillCandidates(): void {
  let to = candidates;
  for (let transport = 0; transport < 2; transport++)
    for (let byte = 0; byte < 256; byte++) {
      store<u32>(placeOf(transport, byte), <u32>to);
      for (let i = 0; i < asked; i++) {
        const protocol = protocolAt(i);
        if ((protocol.transports & (transport === 0 ? TCP : UDP)) === 0 || !changetype<Begins>(<usize>protocol.begins)(<u8>byte)) continue;
        store<u32>(to, <u32>changetype<usize>(protocol));
        to += 4;
        assert(to < candidates + (MOST_CANDIDATES << 2));
      }
      to += 4;
    }
}

// @ts-ignore: decorator
@inline
function protocolAt(place: i32): Protocol {
  return changetype<Protocol>(protocols + <usize>place * offsetof<Protocol>());
}

// @ts-ignore: decorator
@inline
function placeOf(transport: i32, byte: i32): usize {
  return lists + (((<usize>transport << 8) + <usize>byte) << 2);
}

/** Number of the protocol that the payload begins, -1 without. */
export function recognise(event: Event, start: usize, end: usize): i32 {
  for (let at = <usize>load<u32>(placeOf(event.proto === 6 ? 0 : 1, load<u8>(start))); load<u32>(at) !== 0; at += 4) {
    const protocol = changetype<Protocol>(<usize>load<u32>(at));
    if (changetype<Recognise>(<usize>protocol.recognise)(event, start, end)) return protocol.number;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
export function flagsOf(protocol: u16): u8 {
  return load<u8>(flags + protocol);
}

/** How many numbers there are. */
export function protocolCount(): i32 {
  return count;
}

/** Name of a number: an address of UTF-16 units, `protocolNameLength` of them. */
export function protocolName(number: i32): usize {
  return <usize>load<u32>(names + (<usize>number << 2));
}

export function protocolNameLength(number: i32): i32 {
  return changetype<string>(protocolName(number)).length;
}
