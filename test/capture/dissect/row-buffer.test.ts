import {describe, expect, it} from "vitest";
import {RowBuffer} from "../../../capture/dissect/row-buffer.ts";

describe("a buffer of application records", () => {
  it("keeps identifier, time and numbers of every row while its columns grow", () => {
    const buffer = new RowBuffer("dns", "c0ffee", 5000);
    for (let row = 0; row < 3000; row++) {
      expect(buffer.add(7, row, row * 10)).toBe(row);
      buffer.number(row, 5, row % 65536);
      buffer.text(row, 6, `n${row}.example`);
      buffer.number(row, 9, null);
    }
    const batch = buffer.take()!;
    expect(batch.rows).toBe(3000);
    const [ids, , times, , , transactions] = batch.columns as [
      BigInt64Array,
      unknown,
      Float64Array,
      unknown,
      unknown,
      Float64Array
    ];
    const rows = Array.from({length: 3000}, (_, row) => row);
    expect(Array.from(ids)).toEqual(rows.map((row) => (7n << 32n) | BigInt(row)));
    expect(Array.from(times)).toEqual(rows.map((row) => row * 10));
    expect(Array.from(transactions)).toEqual(rows);
  });

  it("drops and counts rows beyond its limit", () => {
    const buffer = new RowBuffer("ssh", "c0ffee", 2);
    for (let row = 0; row < 5; row++) expect(buffer.add(0, row, row)).toBe(row < 2 ? row : -1);
    expect([buffer.droppedRows, buffer.take()!.rows, buffer.take()]).toEqual([3, 2, null]);
  });
});
