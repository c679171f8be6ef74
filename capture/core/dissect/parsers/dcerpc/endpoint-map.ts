/** Questions to the endpoint mapper for an interface's port, and its answers: protocol towers (C706 appendix L). */

/** The first floor is an interface: 19 bytes, of which the first says that a UUID follows. */
const INTERFACE_FLOOR: u32 = 0x0d0013;
/** One byte that says TCP, before two of its port. */
const TCP_FLOOR: u32 = 0x02070001;

/** Where the UUID of the first tower's interface is, 0 without. */
export function towerInterface(start: usize, end: usize): usize {
  for (let at = start; at + 23 <= end; at++)
    if ((load<u32>(at) & 0xffffff) === INTERFACE_FLOOR && load<u16>(at, 21) === 2) return at + 3;
  return 0;
}

/** The TCP port of the first tower that has one, 0 without. */
export function towerPort(start: usize, end: usize): u32 {
  const first = towerInterface(start, end);
  if (first === 0) return 0;
  for (let at = first; at + 7 <= end; at++)
    if (load<u32>(at) === TCP_FLOOR && load<u8>(at, 4) === 0) {
      const port = bswap<u16>(load<u16>(at, 5));
      if (port !== 0) return port;
    }
  return 0;
}
