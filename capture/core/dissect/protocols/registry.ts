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

/** Most that may begin with one byte. */
const MOST = 192;

@unmanaged
class Protocol {
  /** Functions, as the addresses of their references. */
  recognise: u32 = 0;
  begins: u32 = 0;
  transports: u8 = 0;
  number: u8 = 0;
  reserved: u16 = 0;
}

/** In the order in which they are asked. */
const protocols = memory.data(3072);
export let asked: i32 = 0;
/** Flags by number, and names (of the variants that parsers name, too). */
const flags = memory.data(256);
const names = memory.data(1024);
/** The next number; the first ones are those of the protocols that have parsers (reading.ts). */
export let count: u8 = READ;

/** By transport and first byte: the protocols that it may begin, by their places plus one, in their order. */
const candidates = memory.data(98304);

/** A protocol's number (`count`: the next one), name, transports, what it begins with, how it is recognised, flags; its number. */
export function define(number: u8, text: string, transports: u8, begins: Begins, recognise: Recognise, its: u8 = 0): u8 {
  const protocol = changetype<Protocol>(protocols + <usize>asked * offsetof<Protocol>());
  asked++;
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
export function variant(text: string): u8 {
  const number = count;
  name(number, text);
  count = following();
  return number;
}

/** The next number; a byte has room for no more than 255. */
function following(): u8 {
  assert(count < 255);
  return count + 1;
}

export function name(number: u8, text: string): void {
  store<u32>(names + (<usize>number << 2), <u32>changetype<usize>(text));
}

export function beginsAnyhow(_byte: u8): bool {
  return true;
}

export function fillCandidates(): void {
  for (let transport = 0; transport < 2; transport++)
    for (let byte = 0; byte < 256; byte++) {
      let to = listOf(transport, byte);
      for (let i = 0; i < asked; i++) {
        const protocol = changetype<Protocol>(protocols + <usize>i * offsetof<Protocol>());
        if ((protocol.transports & (transport === 0 ? TCP : UDP)) === 0) continue;
        if (changetype<Begins>(<usize>protocol.begins)(<u8>byte)) {
          // A 0 ends the list.
          assert(to < listOf(transport, byte) + MOST - 1);
          store<u8>(to++, <u8>(i + 1));
        }
      }
    }
}

// @ts-ignore: decorator
@inline
function listOf(transport: i32, byte: i32): usize {
  return candidates + ((<usize>transport << 8) + <usize>byte) * MOST;
}

/** Number of the protocol that the payload begins, -1 without. */
export function recognise(event: Event, start: usize, end: usize): i32 {
  for (let at = listOf(event.proto === 6 ? 0 : 1, load<u8>(start)); load<u8>(at) !== 0; at++) {
    const protocol = changetype<Protocol>(protocols + (<usize>load<u8>(at) - 1) * offsetof<Protocol>());
    if (changetype<Recognise>(<usize>protocol.recognise)(event, start, end)) return protocol.number;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
export function flagsOf(protocol: u8): u8 {
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
