import {textsOf} from "../../capture/partitions/texts-of.ts";
import type {AddressColumn, ColumnData, RowBatch} from "../../schema/rows.ts";

/** A number that tells whether two meters have found the same: it depends on every value they gave, and their order. */
export class Digest {
  value = 0x811c9dc5;

  column(data: ColumnData | AddressColumn, rows: number): void {
    if ("codes" in data) {
      this.#words(data.codes, rows);
      for (const text of textsOf(data)) this.text(text);
    } else if ("width" in data) this.#bytes(data.bytes.subarray(0, rows * data.width));
    else if ("addresses" in data) this.#bytes(data.addresses);
    else
      this.#words(
        new Int32Array(data.buffer, data.byteOffset, (rows * data.BYTES_PER_ELEMENT) / 4),
        (rows * data.BYTES_PER_ELEMENT) / 4
      );
  }

  records(batch: RowBatch): void {
    this.text(batch.table);
    for (const column of batch.columns) this.column(column, batch.rows);
  }

  number(value: number): void {
    this.value = mixed(this.value, value);
  }

  text(text: string): void {
    let value = mixed(this.value, text.length);
    for (let i = 0; i < text.length; i++) value = mixed(value, text.charCodeAt(i));
    this.value = value;
  }

  #words(words: Int32Array, length: number): void {
    let {value} = this;
    for (let i = 0; i < length; i++) value = mixed(value, words[i]);
    this.value = value;
  }

  #bytes(bytes: Uint8Array): void {
    let {value} = this;
    for (let i = 0; i < bytes.length; i++) value = mixed(value, bytes[i]);
    this.value = value;
  }
}

/** A step of FNV-1a with a rotation, so that high bits of a word count as well. */
function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x01000193);
  return (product << 13) | (product >>> 19);
}
