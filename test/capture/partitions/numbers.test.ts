import {expect, it} from "vitest";
import {NumberBuffer} from "../../../capture/partitions/numbers.ts";
import {randomFrom} from "./random-batches.ts";

const seed = Number(process.env.SEED ?? 20261121);

it(`keys of 64-bit identifiers are the numbers nearest to them (SEED=${seed})`, () => {
  const random = randomFrom(seed);
  const word = () => BigInt(Math.floor(random() * 2 ** 32));
  const edges = [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 53n + 3n];
  const ids = BigInt64Array.from({length: 5000}, (_, i) => edges[i] ?? BigInt.asIntN(64, (word() << 32n) | word()));
  const buffer = new NumberBuffer("flow_id", "BIGINT", "i64");
  buffer.append(ids.subarray(0, 1), 1);
  buffer.append(ids.subarray(1), 4999);
  expect([...buffer.keys()]).toEqual(Array.from(ids, Number));
});
