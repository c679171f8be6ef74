import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {readOnnx} from "../../models/onnx-file.ts";
import {field, message, onnxFile} from "./onnx-bytes.ts";

const models = resolve(import.meta.dirname, "../../models");

describe("an ONNX file read without running it", () => {
  it("names the operators, the input and the outputs of the classifier", () => {
    const file = readOnnx(readFileSync(`${models}/classifier.onnx`));
    expect(file.operators).toContain("ai.onnx.ml.TreeEnsembleRegressor");
    expect(file.operators).not.toContain("ai.onnx.ml.ZipMap");
    expect(file.inputs.map(({name, type}) => `${name} ${type}`)).toEqual(["features float32"]);
    expect(file.outputs.map(({name}) => name)).toEqual(["probabilities"]);
    expect(file.externalData).toBe(false);
  });

  it("sees a tensor whose data lie in another file", () => {
    const tensor = field(
      5,
      message(field(8, "weights"), field(13, message(field(1, "location"), field(2, "../secret"))))
    );
    const nodes = [{operator: "Identity", from: "features", to: "y"}];
    expect(readOnnx(onnxFile(nodes, ["features", 2], ["y", 2], tensor)).externalData).toBe(true);
  });

  it("throws a RangeError at every truncation of a file that cuts a field", () => {
    const whole = onnxFile([{operator: "Identity", from: "features", to: "y"}], ["features", 2], ["y", 2]);
    for (let length = 3; length < 40; length++) expect(() => readOnnx(whole.subarray(0, length))).toThrow(RangeError);
  });
});
