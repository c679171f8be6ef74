/** One field of a Protocol Buffers message: its number and its value; lengths are in the bytes, varints in the number. */
export interface Field {
  readonly number: number;
  readonly varint: number;
  readonly bytes: Uint8Array;
}

const none = new Uint8Array(0);

/**
 * The fields of a message, one after another, without a schema (Protocol Buffers encoding, wire types 0, 1, 2 and 5).
 * Throws where the bytes do not hold what their lengths promise.
 */
export function* fields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= message.length) throw new RangeError("a number is cut off");
      const byte = message[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError("a number is longer than ten bytes");
  };
  while (at < message.length) {
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) {
      yield {number, varint: varint(), bytes: none};
      continue;
    }
    if (wireType !== 1 && wireType !== 2 && wireType !== 5) throw new RangeError(`wire type ${wireType}`);
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : 4;
    if (length > message.length - at) throw new RangeError(`field ${number} is cut off`);
    yield {number, varint: 0, bytes: message.subarray(at, at + length)};
    at += length;
  }
}
