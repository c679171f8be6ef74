// Writes packets that libpcap gives the cap addon to standard output as pcap. In plain JavaScript and in a process of
// its own, so that the privilege to capture stays here. Arguments: interface, filter, snapshot length, packets (0: all).
import {createRequire} from "node:module";

const [name, filter, snaplenText, packetsText] = process.argv.slice(2);
const snaplen = Number(snaplenText);
const wanted = Number(packetsText);
const kernelBufferBytes = 64 * 2 ** 20;
/** Bytes waiting for the reader at most. */
const queueBytes = 64 * 2 ** 20;
const links = {ETHERNET: 1, NULL: 0, RAW: 101, LINKTYPE_LINUX_SLL: 113, LINUX_SLL: 113};

let passed = 0;
let dropped = 0;
let waitingBytes = 0;
let pending = [];
let pendingBytes = 0;

function main() {
  const {Cap} = createRequire(import.meta.url)("cap");
  const capture = new Cap();
  // Larger than any packet: of one that did not fit, the addon would not tell the length on the wire.
  const packet = Buffer.alloc(262_144);
  const link = capture.open(name, filter, kernelBufferBytes, packet);
  if (!(link in links)) throw new Error(`link type ${link} is not known`);
  capture.setMinBytes?.(0);
  send(fileHeader(links[link]));
  capture.on("packet", (bytes) => {
    if (wanted > 0 && passed >= wanted) return;
    const captured = Math.min(bytes, snaplen);
    if (waitingBytes + pendingBytes > queueBytes) {
      dropped++;
      return;
    }
    passed++;
    const record = Buffer.allocUnsafe(16 + captured);
    // The addon gives no packet times.
    const us = Math.round((performance.timeOrigin + performance.now()) * 1000);
    record.writeUInt32LE(Math.floor(us / 1e6), 0);
    record.writeUInt32LE(us % 1e6, 4);
    record.writeUInt32LE(captured, 8);
    record.writeUInt32LE(bytes, 12);
    packet.copy(record, 16, 0, captured);
    pend(record);
    if (wanted > 0 && passed >= wanted) end();
  });
  process.on("SIGINT", end).on("SIGTERM", end);
  function end() {
    capture.close();
    flush(() => {
      process.stderr.write(`${passed} packets passed on, ${dropped} dropped by the pipe\n`, () => process.exit(0));
    });
  }
}

/** Records of one turn of the event loop are written at once. */
function pend(record) {
  if (pending.length === 0) setImmediate(() => flush());
  pending.push(record);
  pendingBytes += record.length;
}

function flush(done) {
  const bytes = Buffer.concat(pending);
  pending = [];
  pendingBytes = 0;
  send(bytes, done);
}

function send(bytes, done) {
  waitingBytes += bytes.length;
  process.stdout.write(bytes, () => {
    waitingBytes -= bytes.length;
    done?.();
  });
}

function fileHeader(link) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snaplen, 16);
  header.writeUInt32LE(link, 20);
  return header;
}

process.stdout.on("error", () => process.exit(1));
try {
  main();
} catch (error) {
  process.stderr.write(`cap: ${error.message}\n`, () => process.exit(1));
}
