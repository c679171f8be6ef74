import "../scripts/silent.js";
import * as ort from "onnxruntime-node";
import {readEnsemble} from "./tree-ensemble.ts";
import {Trees} from "./trees.ts";

/** A loaded ONNX graph with one input of rows × features and the one output that is wanted. */
export interface OnnxModel {
  readonly features: number;
  /** Values per row of the output. */
  readonly width: number;
  /** `rows` × `features` in, row-major; `rows` × `width` out. Throws where the lengths do not fit. */
  run(matrix: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Rows given to the runtime at once; by 2,048 a row costs a tenth more, by 256 half as much again. */
const batchRows = 16_384;

/**
 * Opens a graph on the CPU with one thread; throws with the runtime's words where it refuses it. Where it begins with an
 * ensemble of trees, these are run in WebAssembly and what follows by the runtime, with the same numbers.
 */
export async function openOnnx(
  bytes: Uint8Array,
  names: {readonly input: string; readonly output: string},
  features: number,
  width: number
): Promise<OnnxModel> {
  const ensemble = readEnsemble(bytes, names.input);
  const trees = ensemble && (await Trees.load(ensemble, features));
  if (!ensemble || !trees) return openWhole(bytes, names, features, width);
  const rest = await openWhole(ensemble.rest, {...names, input: ensemble.restInput}, ensemble.targets, width);
  return {
    features,
    width,
    run(matrix, rows) {
      checkLength(matrix, rows, features);
      return rest.run(trees.run(matrix, rows), rows);
    },
    close: () => rest.close()
  };
}

function checkLength(matrix: Float32Array, rows: number, features: number): void {
  if (matrix.length < rows * features)
    throw new RangeError(`expected ${rows} × ${features} features, found ${matrix.length} numbers`);
}

/** Opens a graph that the runtime alone runs. */
export async function openWhole(
  bytes: Uint8Array,
  names: {readonly input: string; readonly output: string},
  features: number,
  width: number
): Promise<OnnxModel> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3
  });
  const batch = async (matrix: Float32Array, rows: number): Promise<Float32Array> => {
    const input = new ort.Tensor("float32", matrix, [rows, features]);
    const {[names.output]: output} = await session.run({[names.input]: input}, [names.output]);
    const data = output.data;
    if (!(data instanceof Float32Array) || data.length !== rows * width)
      throw new Error(
        `output ${names.output}: expected ${rows} × ${width} floats, found ${output.type} ${output.dims.join(" × ")}`
      );
    return data;
  };
  return {
    features,
    width,
    async run(matrix, rows) {
      checkLength(matrix, rows, features);
      if (rows <= batchRows) return batch(matrix.subarray(0, rows * features), rows);
      const result = new Float32Array(rows * width);
      for (let from = 0; from < rows; from += batchRows) {
        const to = Math.min(rows, from + batchRows);
        result.set(await batch(matrix.subarray(from * features, to * features), to - from), from * width);
      }
      return result;
    },
    close: () => session.release()
  };
}
