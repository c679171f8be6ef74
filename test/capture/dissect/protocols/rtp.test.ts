import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const packet = (sequence: number, source = 7) => {
  const bytes = Buffer.alloc(32, 0xee);
  bytes.writeUInt16BE(0x8000);
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(source, 8);
  return bytes;
};
const binding = Buffer.from("000100002112a442000102030405060708090a0b", "hex");

describe("RTP", () => {
  it("is named after the third packet in sequence, over the end of the numbers", () => {
    const flow = new Conversation(17, [16384, 24000]).send(0, packet(65534)).send(0, packet(65535));
    expect(flow.wanted).toBe(true);
    flow.send(0, packet(0));
    expect(flow.wanted).toBe(false);
    expect(flow.end().service).toBe("rtp");
  });

  it("is not what two packets, one packet sent again, or packets of changing sources show", () => {
    const two = new Conversation(17, [1, 2]).send(0, packet(1)).send(0, packet(2));
    expect(two.end().service).toBeNull();
    const again = new Conversation(17, [1, 2]);
    for (let i = 0; i < 40; i++) again.send(0, packet(9));
    expect(again.wanted).toBe(false);
    expect(again.end().service).toBeNull();
    const changing = new Conversation(17, [1, 2]);
    for (let i = 0; i < 8; i++) changing.send(0, packet(i, i));
    expect(changing.end().service).toBeNull();
  });

  it("leaves a flow that only seemed to be RTP to what it is", () => {
    const flow = new Conversation(17, [1, 2]).send(0, packet(1)).send(0, "no RTP at all").send(0, binding);
    expect(flow.end().service).toBe("stun");
  });
});
