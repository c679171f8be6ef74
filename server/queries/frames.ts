/** What goes between two processes: a kind, a length, the bytes. Orders go one way, all else the other. */
export const frameKind = {order: 0, begun: 1, head: 2, data: 3, end: 4, failed: 5} as const;
export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

const headerBytes = 5;
/** Larger pieces are cut. */
export const largestPayload = 256 * 1024;

export function frame(kind: FrameKind, payload: Uint8Array): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

export const jsonFrame = (kind: FrameKind, value: unknown) => frame(kind, Buffer.from(JSON.stringify(value)));

/** The frames in a stream of bytes; reads no further than it is asked. Throws where the bytes are none. */
export async function* readFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= headerBytes) {
      const kind = rest.readUInt8(at) as FrameKind;
      const length = rest.readUInt32BE(at + 1);
      if (length > largestPayload * 4)
        throw new Error(`frame of ${length} bytes: expected ${largestPayload * 4} at most`);
      if (rest.length - at < headerBytes + length) break;
      yield {kind, payload: rest.subarray(at + headerBytes, at + headerBytes + length)};
      at += headerBytes + length;
    }
    rest = rest.subarray(at);
  }
}
