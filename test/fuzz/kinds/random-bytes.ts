import type {Random} from "../random.ts";
import type {Kind} from "./kind.ts";

/** LINKTYPE_ numbers that the meter reads, and some that it does not. */
export const readLinks = [0, 1, 9, 10, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276];
const otherLinks = [8, 147, 220, 65_535, 0x7fff_ffff, -1];

/** How frames of each link type may begin, so that random bytes are read further than their first header. */
const beginnings: Record<number, readonly string[]> = {
  0: ["02000000", "00000002", "1e000000", "1c000000"],
  1: ["02020202020202020202020208004500", "02020202020202020202020286dd60", "0202020202020202020202028100000a0800"],
  9: ["ff030021", "0021", "21", "0f000800", "8f0086dd", "ff030281"],
  10: ["50020202020202020202020202aaaa030000000800"],
  50: ["ff030057"],
  51: ["110000010000002145", "1100"],
  104: ["0f000800", "0f0086dd", "0f008847000001ff"],
  105: ["0800", "8800", "0803", "08010000020202020202020202020202020202020202020202020000aaaa030000000800"],
  113: ["00000001000600000000000000000800", "00000001000600000000000000000004"],
  127: ["0000080000000000", "00000800000000000800"],
  239: ["02000000", "0a000000", "020000000800010008000000", "0200000060000900"],
  276: ["0800000000000001000100000000000000000000", "86dd000000000001000100000000000000000000"]
};
const ipBeginnings = ["45", "4f", "60", "450000", "6000000000"];

/** Random bytes under every link type: some from the first byte on, some behind a header that lets them in. */
export const randomBytes: Kind = {
  name: "random bytes under every link type",
  share: 0.13,
  begin: (random) => (add) => {
    const link = random.chance(0.97) ? random.of(readLinks) : random.of(otherLinks);
    const bytes = random.bytes(random.length(120, 4000));
    if (random.chance(0.7)) put(bytes, Buffer.from(beginning(link, random), "hex"));
    // What a capture cuts off is longer on the wire; damaged files say it was shorter.
    const wire = random.chance(0.8) ? bytes.length : random.of([0, 1, 1500, 0x7fff_ffff]);
    add(bytes, link, wire);
  }
};

function beginning(link: number, random: Random): string {
  const own = beginnings[link] ?? [""];
  return random.of(own) + (random.chance(0.5) ? random.of(ipBeginnings) : "");
}

function put(bytes: Buffer, head: Buffer): void {
  bytes.set(head.subarray(0, bytes.length));
}
