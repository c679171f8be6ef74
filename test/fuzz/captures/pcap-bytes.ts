import {pcapFile} from "../../capture/sources/packets.ts";
import {mutated} from "../mutation.ts";
import type {Random} from "../random.ts";

const magics = [0xa1b2c3d4, 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34];
const lengths = [0, 1, 262_144, 262_145, 0x7fffffff, 0x80000000, 0xffffffff];

/** A pcap file of either byte order whose records' lengths, snapshot length and version may lie. */
export function hostilePcap(random: Random): Buffer {
  const records = Array.from({length: random.below(12)}, () => {
    const bytes = random.bytes(random.length(100, 5000));
    const captured = random.chance(0.95) ? bytes.length : random.of(lengths);
    const wire = random.chance(0.9) ? bytes.length : random.of(lengths);
    return {seconds: random.below(2 ** 32), fraction: random.of([0, 999_999, 0xffffffff]), captured, wire, bytes};
  });
  const file = pcapFile(records, {
    littleEndian: random.chance(0.5),
    magic: random.of(magics),
    major: random.chance(0.97) ? 2 : random.word(),
    minor: random.of([4, 4, 4, 3, 2]),
    snaplen: random.of([0, 1, 96, 65_535, 0xffffffff]),
    link: random.chance(0.95) ? 1 : random.below(2 ** 32)
  });
  return random.chance(0.4) ? mutated(file, random) : file;
}
