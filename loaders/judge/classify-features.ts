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
/** Rows of all columns that are read before they are put into matrices: more do not fit into a processor's cache. */
const rowsAtOnce = 2048;

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
  const columns = names.map(() => new Float32Array(rowsAtOnce));
  const matrices = inputs.map((features) => ({
    columns: features.map((name) => columns[names.indexOf(name)]),
    values: new Float32Array(batchRows * features.length)
  }));
  const own = new PartFlows(flows);
  for (const {path} of files) {
    const reader = await ParquetReader.open(path);
    try {
      for (const [group, {rows}] of reader.footer.groups.entries()) {
        const ids = reader.identifiers(group, "flow_id");
        const features = names.map((name) => reader.floats(group, name));
        for (let from = 0; from < rows; from += batchRows) {
          const asked = ids.slice(from, from + batchRows);
          for (let at = 0; at < asked.length; at += rowsAtOnce) {
            const count = Math.min(rowsAtOnce, asked.length - at);
            for (const [k, feature] of features.entries()) feature.read(columns[k], count);
            for (const matrix of matrices) fillMatrix(matrix.values, matrix.columns, count, at);
          }
          const found = await own.find(asked);
          const kept = found.rows;
          if (kept) for (const {columns, values} of matrices) keepRows(values, columns.length, kept);
          yield {
            rows: found.numbers.rows,
            flowId: kept ? BigInt64Array.from(kept, (row) => asked[row]) : asked,
            captures: {codes: found.numbers.capture, values: own.texts.captures},
            protocols: found.numbers.proto,
            services: {codes: found.services, values: own.services},
            flows: found.numbers,
            texts: own.texts,
            matrix: (wanted) => matrices[inputs.indexOf(wanted)].values
          };
        }
      }
    } finally {
      reader.close();
    }
  }
}

/** Moves those rows of a matrix, which ascend, to its beginning. */
function keepRows(matrix: Float32Array, width: number, rows: Int32Array): void {
  for (const [to, row] of rows.entries()) matrix.copyWithin(to * width, row * width, (row + 1) * width);
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
