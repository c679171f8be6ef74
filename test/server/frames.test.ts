import {expect, it} from "vitest";
import {type Frame, frame, frameKind, jsonFrame, largestPayload, readFrames} from "../../server/queries/frames.ts";

async function read(chunks: readonly Buffer[]): Promise<[number, string][]> {
  const frames: Frame[] = [];
  async function* come() {
    yield* chunks;
  }
  for await (const one of readFrames(come())) frames.push(one);
  return frames.map(({kind, payload}) => [kind, String(payload)]);
}

it("frames come out as they went in, wherever the stream is cut", async () => {
  const sent = Buffer.concat([
    jsonFrame(frameKind.head, {columns: []}),
    frame(frameKind.data, Buffer.from("x".repeat(300))),
    frame(frameKind.data, Buffer.alloc(0)),
    jsonFrame(frameKind.end, {rows: 1})
  ]);
  const expected = [
    [frameKind.head, '{"columns":[]}'],
    [frameKind.data, "x".repeat(300)],
    [frameKind.data, ""],
    [frameKind.end, '{"rows":1}']
  ];
  for (let size = 1; size <= sent.length; size++) {
    const chunks = Array.from({length: Math.ceil(sent.length / size)}, (_, k) =>
      sent.subarray(k * size, (k + 1) * size)
    );
    expect(await read(chunks)).toEqual(expected);
  }
});

it("a length beyond the largest is no frame", async () => {
  const bytes = frame(frameKind.data, Buffer.alloc(1));
  bytes.writeUInt32BE(largestPayload * 4 + 1, 1);
  await expect(read([bytes])).rejects.toThrow("frame of 1048577 bytes: expected 1048576 at most");
});
