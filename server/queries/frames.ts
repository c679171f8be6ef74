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
  let chunks: Buffer[] = [];
  let [have, wanted] = [0, headerBytes];
  for await (const chunk of bytes) {
    chunks.push(chunk);
    have += chunk.length;
    // Joined only where a frame is whole: a large one comes in many chunks.
    if (have < wanted) continue;
    const joined = chunks.length === 1 ? chunk : Buffer.concat(chunks, have);
    let at = 0;
    wanted = headerBytes;
    while (have - at >= headerBytes) {
      const length = joined.readUInt32BE(at + 1);
      if (length > largestPayload * 4)
        throw new Error(`frame of ${length} bytes: expected ${largestPayload * 4} at most`);
      const end = at + headerBytes + length;
      if (have < end) {
        wanted = end - at;
        break;
      }
      yield {kind: joined.readUInt8(at) as FrameKind, payload: joined.subarray(at + headerBytes, end)};
      at = end;
    }
    chunks = [joined.subarray(at)];
    have -= at;
  }
}
