import type {PartFile} from "../../capture/partitions/layout.ts";
import {ParquetReader} from "../../capture/partitions/reader/parquet-reader.ts";
import type {TextColumn} from "../../schema/rows.ts";
import type {FlowNumbers, FlowTexts} from "./activity-flows.ts";
import {fillMatrix} from "./fill-matrix.ts";
import {PartFlows} from "./flow-columns.ts";

/** Flows of one part with the features that were asked for. */
export interface FeatureBatch {
  readonly rows: number;
  readonly flowId: BigInt64Array;
  readonly captures: TextColumn;
  /** IP protocol numbers. */
  readonly protocols: ArrayLike<number>;
  /** Services as they were recognised; -1 where none was. */
  readonly services: TextColumn;
  /** What activities are made of, and what its numbers stand for; the lists of texts grow from batch to batch. */
  readonly flows: FlowNumbers;
  readonly texts: FlowTexts;
  /** rows × these features, row-major, valid until the next batch; one of the lists that were asked for. */
  matrix(features: readonly string[]): Float32Array;
}

/** Rows of a batch at most: models cost a tenth more by 2,048. */
const batchRows = 16_384;

/**
 * The features of a part's flows, batch by batch, as matrices of 32-bit floats. `inputs` are the lists of features of which
 * matrices are made. Texts come as their numbers. Features without a flow are left out.
 */
export async function* partFeatures(
  files: readonly PartFile[],
  flows: readonly PartFile[],
  inputs: readonly (readonly string[])[]
): AsyncGenerator<FeatureBatch> {
  const names = [...new Set(inputs.flat())];
  const places = inputs.map((features) => features.map((name) => names.indexOf(name)));
  const matrices = inputs.map((features) => new Float32Array(batchRows * features.length));
  const own = new PartFlows(flows);
  for (const {path} of files) {
    const reader = await ParquetReader.open(path);
    try {
      for (const [group, {rows}] of reader.footer.groups.entries()) {
        const ids = reader.identifiers(group, "flow_id");
        const columns = names.map((name) => reader.floats(group, name));
        for (let from = 0; from < rows; from += batchRows) {
          const asked = ids.slice(from, from + batchRows);
          const found = await own.find(asked);
          const taken = columns.map((column) => chosen(column.subarray(from, from + batchRows), found.rows));
          const count = found.numbers.rows;
          for (const [k, matrix] of matrices.entries())
            fillMatrix(
              matrix,
              places[k].map((place) => taken[place]),
              count,
              0
            );
          yield {
            rows: count,
            flowId: chosen(asked, found.rows),
            captures: {codes: found.numbers.capture, values: own.texts.captures},
            protocols: found.numbers.proto,
            services: {codes: found.services, values: own.services},
            flows: found.numbers,
            texts: own.texts,
            matrix: (wanted) => matrices[inputs.indexOf(wanted)]
          };
        }
      }
    } finally {
      reader.close();
    }
  }
}

/** Those rows of a column; all where they are null. */
function chosen<T extends Float32Array | BigInt64Array>(column: T, rows: Int32Array | null): T {
  if (rows === null) return column;
  const result = new (column.constructor as Float32ArrayConstructor)(rows.length) as T;
  for (let i = 0; i < rows.length; i++) result[i] = column[rows[i]];
  return result;
}

/** Rows of all those files, from their footers. */
export async function countRows(files: readonly PartFile[]): Promise<number> {
  let rows = 0;
  for (const {path} of files) {
    const reader = await ParquetReader.open(path);
    rows += reader.footer.rows;
    reader.close();
  }
  return rows;
}
