import nb, {type Vector} from "@duckdb/node-bindings";
import {vectorSize} from "./vectors.ts";

const bits = new Uint32Array(vectorSize / 32);

/** Marks the rows of a vector for which `isNull` holds as NULL; does nothing where there are none. */
export function markNulls(vector: Vector, count: number, isNull: (i: number) => boolean): void {
  let found = false;
  bits.fill(0xffffffff);
  for (let i = 0; i < count; i++)
    if (isNull(i)) {
      bits[i >>> 5] &= ~(1 << (i & 31));
      found = true;
    }
  if (!found) return;
  nb.vector_ensure_validity_writable(vector);
  nb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, Math.ceil(count / 64) * 8);
}
