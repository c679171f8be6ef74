import {describe, expect, it} from "vitest";
import type {ByteStream} from "../../capture/sources/bytes.ts";
import {isPcap, PcapSource, pcapHeader} from "../../capture/sources/pcap.ts";
import {isPcapng, PcapngSource, sectionIsLittleEndian} from "../../capture/sources/pcapng.ts";
import {maxCapturedBytes, type PacketSource} from "../../capture/sources/source.ts";
import {plainBatch} from "../capture/sources/packets.ts";
import {hostilePcap} from "./captures/pcap-bytes.ts";
import {hostilePcapng} from "./captures/pcapng-bytes.ts";
import {Digest} from "./digest.ts";
import {Random} from "./random.ts";

const seed = Number(process.env.FLOWBOOK_SEED ?? 1);
const files = 30_000;

/** µs of the last second of the year 9999, beyond which tables know no times. */
const latestTs = 253_402_300_799e6;

/** Room for the longest packet and its block, so that none of a batch's other limits is what refuses it. */
const batch = plainBatch(2 * maxCapturedBytes, 64);

/** The bytes as a medium gives them: `chunk` at a time at most, 0 for all; -1 between them where it is live. */
function stream(bytes: Uint8Array, chunk: number, isLive: boolean): ByteStream {
  let given = 0;
  let waits = isLive;
  return {
    read(buffer, at, length) {
      if ((waits = isLive && !waits)) return -1;
      const n = Math.min(length, bytes.length - given, chunk || bytes.length);
      buffer.set(bytes.subarray(given, given + n), at);
      given += n;
      return n;
    },
    close() {}
  };
}

/** The source as `openSource` makes it; null where the file is refused, with the message of an Error. */
function open(file: Buffer, chunk: number, isLive: boolean): PacketSource | string {
  try {
    const head = file.subarray(0, 24);
    const bytes = stream(file, chunk, isLive);
    if (isPcap(head)) return new PcapSource("fuzzed", bytes, pcapHeader(head), "pcap", false);
    if (!isPcapng(head)) return "no capture";
    sectionIsLittleEndian(head);
    return new PcapngSource("fuzzed", bytes, "pcapng", false);
  } catch (error) {
    if ((error as Error).constructor !== Error) throw error;
    return (error as Error).message;
  }
}

/** Reads to the end; what the packets are as one number, and what the fault is. Throws where a packet cannot be. */
async function read(file: Buffer, chunk = 0, isLive = false) {
  const source = open(file, chunk, isLive);
  if (typeof source === "string") return {packets: 0, digest: 0, problem: source};
  const digest = new Digest();
  let packets = 0;
  // Each call hands out a packet, waits for a live stream once a read, or is the last.
  let callsLeft = file.length * 3 + 10;
  while (await source.next(batch)) {
    if (--callsLeft < 0) throw new Error("the source does not end");
    for (let i = 0; i < batch.count; i++) {
      const [at, length] = [batch.offset[i], batch.captured[i]];
      const isRight = at >= 0 && length >= 0 && length <= maxCapturedBytes && at + length <= batch.bytes.length;
      if (!isRight || batch.wire[i] < 0 || !Number.isInteger(batch.ts[i]) || Math.abs(batch.ts[i]) > latestTs)
        throw new Error(`packet ${packets + i}: ${[at, length, batch.wire[i], batch.ts[i]]}`);
      for (const value of [length, batch.wire[i], batch.link[i], batch.ts[i] % 2 ** 31]) digest.number(value);
      digest.text(Buffer.from(batch.bytes.buffer, at, length).toString("latin1"));
    }
    packets += batch.count;
  }
  expect(source.packets).toBe(packets);
  const {snaplen, kernelDrops, interfaceDrops} = source;
  return {
    packets,
    digest: digest.value,
    problem: source.problem?.message ?? null,
    snaplen,
    kernelDrops,
    interfaceDrops
  };
}

describe(`fuzzed captures of seed ${seed} (FLOWBOOK_SEED sets another)`, {timeout: 300_000}, () => {
  for (const [name, make] of Object.entries({pcap: hostilePcap, pcapng: hostilePcapng}))
    it(`${name} files whose lengths lie are read to their end or to their fault, in whatever pieces they come`, async () => {
      let whole = 0;
      let faulty = 0;
      let packets = 0;
      for (let n = 0; n < files; n++) {
        const random = new Random(seed * files + n);
        const file = make(random);
        const found = await read(file).catch((error: Error) => {
          throw new Error(`file ${n}: ${error.message}`, {cause: error});
        });
        if (found.problem === null) whole++;
        else faulty++;
        packets += found.packets;
        if (n % 4 > 0 || file.length > 5000) continue;
        const chunk = random.of([1, 2, 3, 7, 64, 1000]);
        expect({n, chunk, ...(await read(file, chunk, random.chance(0.3)))}).toEqual({n, chunk, ...found});
      }
      console.info(
        `${files} ${name} files of seed ${seed}: ${whole} whole, ${faulty} with a fault, ${packets} packets`
      );
      for (const count of [whole, faulty]) expect(count).toBeGreaterThan(files / 10);
      expect(packets).toBeGreaterThan(files / 2);
    });
});
