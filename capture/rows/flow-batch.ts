import type {AddressColumn, CodedTextColumn, ColumnData, RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import type {FinishedFlows} from "../meter/meter.ts";

/** Columns that lie no farther apart are copied as one piece, with what is between them. */
const nearBytes = 32 * 1024;
/** Memory is asked for in multiples of this, so that that of one batch fits the next. */
const unitBytes = 128 * 1024;

/** Bytes copied as they are, and where they go. */
interface Piece {
  readonly buffer: ArrayBufferLike;
  readonly from: number;
  end: number;
  to: number;
}

/**
 * A batch of finished flows for `flows` or `features`, copied out of the meter's memory. The meter's columns stand side
 * by side there: they are copied in a few large pieces, not one by one. `memory` gives that of the copy.
 */
export function copyFlows(
  name: TableName,
  flows: FinishedFlows,
  known: Readonly<Record<string, CodedTextColumn>>,
  memory: (bytes: number) => ArrayBuffer
): RowBatch {
  const columns = table(name).columns.map((column) =>
    Object.hasOwn(known, column.name) ? known[column.name] : (flows.addresses(column.name) ?? flows.column(column.name))
  );
  const pieces = piecesOf(columns.flatMap(arraysOf));
  const bytes = pieces.length === 0 ? 0 : pieces[pieces.length - 1].to + lengthOf(pieces[pieces.length - 1]);
  const copy = memory(Math.ceil(bytes / unitBytes) * unitBytes);
  const target = new Uint8Array(copy);
  for (const {buffer, from, end, to} of pieces) target.set(new Uint8Array(buffer, from, end - from), to);
  const moved = <A extends Numbers>(array: A): A => {
    const piece = pieces.find(
      ({buffer, from, end}) =>
        buffer === array.buffer && from <= array.byteOffset && array.byteOffset + array.byteLength <= end
    )!;
    const type = array.constructor as new (buffer: ArrayBuffer, at: number, length: number) => A;
    return new type(copy, piece.to + array.byteOffset - piece.from, array.length);
  };
  return {table: name, rows: flows.rows, columns: columns.map((column) => movedColumn(column, moved)), memory: copy};
}

type Numbers = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

function arraysOf(column: ColumnData | AddressColumn): Numbers[] {
  if ("texts" in column) return [column.codes, column.texts];
  if ("codes" in column) return [column.codes];
  if ("width" in column) return [column.bytes];
  return "addresses" in column ? [column.addresses, column.versions] : [column];
}

function movedColumn(
  column: ColumnData | AddressColumn,
  moved: <A extends Numbers>(array: A) => A
): ColumnData | AddressColumn {
  if ("texts" in column) return {...column, codes: moved(column.codes), texts: moved(column.texts)};
  if ("codes" in column) return {codes: moved(column.codes), values: column.values};
  if ("width" in column) return {width: column.width, bytes: moved(column.bytes)};
  if ("addresses" in column) return {...column, addresses: moved(column.addresses), versions: moved(column.versions)};
  return moved(column);
}

/** The pieces that hold the arrays, each placed so that its numbers stay aligned. */
function piecesOf(arrays: readonly Numbers[]): Piece[] {
  const byBuffer = new Map<ArrayBufferLike, Numbers[]>();
  for (const array of arrays) {
    const others = byBuffer.get(array.buffer);
    if (others) others.push(array);
    else byBuffer.set(array.buffer, [array]);
  }
  const pieces: Piece[] = [];
  for (const [buffer, group] of byBuffer) {
    let last: Piece | null = null;
    for (const {byteOffset, byteLength} of group.sort((a, b) => a.byteOffset - b.byteOffset)) {
      if (last && byteOffset <= last.end + nearBytes) last.end = Math.max(last.end, byteOffset + byteLength);
      else pieces.push((last = {buffer, from: byteOffset, end: byteOffset + byteLength, to: 0}));
    }
  }
  let at = 0;
  for (const piece of pieces) {
    piece.to = at + (piece.from % 8);
    at = Math.ceil((piece.to + lengthOf(piece)) / 8) * 8;
  }
  return pieces;
}

const lengthOf = ({from, end}: Piece) => end - from;
