import {describe, expect, it} from "vitest";
import {Random} from "../../fuzz/random.ts";
import {openUnits} from "./core/units.ts";

const units = await openUnits();
const seed = Number(process.env.FLOWBOOK_SEED ?? 1);

/** The core's text of the bytes, and whether it is the bytes themselves. */
function clean(bytes: Uint8Array, limit: number): {readonly written: Buffer; readonly isInPlace: boolean} {
  const {core} = units.begin();
  const start = units.put(bytes);
  core.clean(start, start + bytes.length, limit);
  return {written: units.get(core.cleanAt(), core.cleanLength()), isInPlace: core.cleanAt() === start};
}

const expected = (bytes: Buffer, limit: number) => bytes.subarray(0, limit).toString("utf8").replaceAll("\0", "\ufffd");

/** Characters at the limits of UTF-8's lengths and of what it leaves out, and sequences that are none. */
const pieces = [
  ..."a\0\x7f\x80\u07ff\u0800\ud7ff\ue000\ufeff\ufffd\uffff\u{10000}\u{10ffff}"
    .match(/./gsu)!
    .map((c) => Buffer.from(c)),
  ...[
    "c0af",
    "c1bf",
    "e080af",
    "e09fbf",
    "eda080",
    "edbfbf",
    "f0808080",
    "f08fbfbf",
    "f4908080",
    "f5808080",
    "80",
    "bf"
  ],
  ...["c2", "df", "e0a0", "e1", "e180", "ef", "efbf", "f090", "f09080", "f1", "f4", "f48fbf", "fe", "ff", "f880808080"]
].map((piece) => (typeof piece === "string" ? Buffer.from(piece, "hex") : piece));

function randomBytes(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let i = random.below(12); i >= 0; i--) {
    const kind = random.below(4);
    if (kind === 0) parts.push(random.bytes(random.below(9)));
    else if (kind === 1) parts.push(Buffer.alloc(random.below(20), 0x20 + random.below(95)));
    else parts.push(random.of(pieces));
  }
  return Buffer.concat(parts);
}

describe(`texts of bytes, of seed ${seed} (FLOWBOOK_SEED sets another)`, () => {
  it("are those of Buffer, but for NUL", () => {
    const random = new Random(seed);
    let inPlace = 0;
    for (let run = 0; run < 20_000; run++) {
      const bytes = randomBytes(random);
      const limit = random.chance(0.3) ? random.below(40) : 1024;
      const {written, isInPlace} = clean(bytes, limit);
      const text = expected(bytes, limit);
      if (!written.equals(Buffer.from(text)))
        throw new Error(`seed ${seed}, ${bytes.toString("hex")} to ${limit}: ${written.toString("hex")} for ${text}`);
      if (isInPlace) inPlace++;
    }
    expect(inPlace).toBeGreaterThan(100);
  });

  it("are those of Buffer for every byte before and behind every other", () => {
    for (let first = 0; first < 256; first++)
      for (let second = 0; second < 256; second++) {
        const bytes = Buffer.from([first, second, 0x80, 0x41]);
        if (!clean(bytes, 1024).written.equals(Buffer.from(expected(bytes, 1024))))
          throw new Error(bytes.toString("hex"));
      }
  });

  it("stay where they are where they are ASCII, and are as long as a text may be", () => {
    expect(clean(Buffer.from("GET /index.html"), 1024).isInPlace).toBe(true);
    expect(clean(Buffer.alloc(2000, "x"), 1024).written.toString()).toBe("x".repeat(1024));
    expect(clean(Buffer.alloc(65_536, 0xff), 65_536).written.toString()).toBe("\ufffd".repeat(65_536));
    expect(clean(Buffer.alloc(0), 1024).written.length).toBe(0);
  });
});
