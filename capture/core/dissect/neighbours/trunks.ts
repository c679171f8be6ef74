import {u16At, u32At} from "../../meter/bytes";
import {ADDRESS, DEVICE, said, setAddressText, setBytes, setMessage, setState} from "./announcement";

/** What Cisco's switches say of trunks and of the VLANs that these carry: VTP and DTP. */

const DOMAIN_BYTES: usize = 32;
const MOST_PARTS = 16;

/** Version, code, a number, the domain's length and name; then, by code, revision and updater. */
export function readVtp(start: usize, end: usize): bool {
  if (start + 4 + DOMAIN_BYTES > end || load<u8>(start) === 0 || load<u8>(start) > 3) return false;
  const code = load<u8>(start, 1);
  const name = vtpName(code);
  if (name.length === 0) return false;
  setMessage(name);
  setBytes(DEVICE, start + 4, start + 4 + min(DOMAIN_BYTES, <usize>load<u8>(start, 3)));
  const content = start + 4 + DOMAIN_BYTES;
  if (code <= 2 && content + 4 <= end) said.sequence = u32At(content);
  if (code === 1 && content + 8 <= end) setAddressText(ADDRESS, content + 4, 4);
  return true;
}

function vtpName(code: u8): string {
  switch (code) {
    case 1: return "summary";
    case 2: return "subset";
    case 3: return "request";
    case 4: return "join";
  }
  return "";
}

/** Version 1; then parts of a type and a length that counts both: domain, status, kind of trunk, sender. */
export function readDtp(start: usize, end: usize): bool {
  if (start + 5 > end || load<u8>(start) !== 1) return false;
  let hasStatus = false;
  let at = start + 1;
  for (let i = 0; i < MOST_PARTS && at + 4 <= end; i++) {
    const type = u16At(at);
    const stop = at + <usize>u16At(at + 2);
    if (stop < at + 4 || stop > end) break;
    if (type === 1) setBytes(DEVICE, at + 4, stop);
    else if (type === 2 && at + 5 <= stop) {
      hasStatus = true;
      setState(portState(load<u8>(at, 4)));
    }
    at = stop;
  }
  return hasStatus;
}

/** What the port is, by the highest bit, and how it was set, by the lowest three. */
function portState(status: u8): string {
  const isTrunk = (status & 0x80) !== 0;
  switch (status & 7) {
    case 1: return isTrunk ? "trunk on" : "access on";
    case 2: return isTrunk ? "trunk off" : "access off";
    case 3: return isTrunk ? "trunk desirable" : "access desirable";
    case 4: return isTrunk ? "trunk auto" : "access auto";
  }
  return isTrunk ? "trunk" : "access";
}
