import {keepText} from "../heap";
import {setText, Table} from "../rows";
import {appendText, clean, cleanAt, cleanLength} from "../text";

const word = memory.data(256);

/** The bytes as a text of its own, cut at `limit`; 0 where memory is out. */
export function keptText(start: usize, end: usize, limit: u32 = 1024): usize {
  clean(start, end, limit);
  return keepText(cleanAt, cleanLength);
}

/** A constant of up to 256 characters as a text of its own. */
export function keptWord(text: string): usize {
  return keepText(word, <u32>(appendText(text, word) - word));
}

/** Sets a text to a constant of up to 256 characters. */
export function setWord(rows: Table, row: i32, column: i32, text: string): void {
  setText(rows, row, column, word, <u32>(appendText(text, word) - word));
}
