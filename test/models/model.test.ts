import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, describe, expect, it} from "vitest";
import {anomalyFeatures} from "../../models/anomaly/profile.ts";
import {loadModel, modelHash} from "../../models/model.ts";
import {fb1Columns} from "../../schema/features.ts";
import {field, message, type Node, onnxFile} from "./onnx-bytes.ts";

const shipped = resolve(import.meta.dirname, "../../models");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-model-"));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** A card for a graph of two features and two classes. */
const smallCard = {
  format: "flowbook-model-card-1",
  name: "small",
  kind: "classifier",
  file: "small.onnx",
  input: "features",
  features: fb1Columns.slice(0, 2).map(({name}) => name),
  labels: ["Normal", "DoS"],
  outputs: {probabilities: "y"},
  thresholds: {unknown: 0.5},
  licence: "none"
};

function put(card: Record<string, unknown>, nodes: readonly Node[], columns = 2): void {
  writeFileSync(join(folder, "small.json"), JSON.stringify({...smallCard, ...card}));
  writeFileSync(join(folder, "small.onnx"), onnxFile(nodes, ["features", columns], ["y", columns]));
}

const softmax: readonly Node[] = [{operator: "Softmax", from: "features", to: "y"}];

/** The reason why the folder's model is refused. */
async function refusal(): Promise<string> {
  const {model, problem} = await loadModel(folder);
  expect(model).toBeNull();
  expect(problem!.code).toBe("refused");
  return problem!.message;
}

describe("the models of the project", () => {
  it("load, with a hash over their files that is the same each time", async () => {
    const {model, problem} = await loadModel(shipped);
    expect(problem).toBeNull();
    expect(model!.hash).toBe(modelHash(shipped));
    expect(model!.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(model!.classifier!.card.labels![0]).toBe("Normal");
    expect(model!.anomaly).toBeNull();
    await model!.close();
  });

  it("see no address, port, time to live or absolute time", () => {
    const {features: learnt} = JSON.parse(readFileSync(join(shipped, "classifier.json"), "utf8"));
    for (const features of [learnt, anomalyFeatures]) {
      const telling = features.filter(
        (f: string) =>
          /(^|_)(ip|port|ttl|ts|addr|window)(_|$)/.test(f) && !f.startsWith("ctx_") && !/zero_windows/.test(f)
      );
      expect(telling).toEqual([]);
    }
  });

  it("learnt from the lab and from captures whose licence permits it, never from those that judge", () => {
    const permitted = [
      "CESNET/ipfixprobe",
      "OISF/suricata-verify",
      "arkime/arkime",
      "cisco/joy",
      "cisco/mercury",
      "corelight/community-id-spec",
      "zeek/zeek"
    ];
    for (const name of ["classifier", "activity"]) {
      const {data} = JSON.parse(readFileSync(join(shipped, `${name}.json`), "utf8"));
      const lab = data.filter(({role}: {role: string}) => role === "train");
      const others = data.filter(({role}: {role: string}) => role === "background");
      expect(lab.length).toBeGreaterThan(3);
      expect(lab.filter(({seed}: {seed: number}) => seed >= 9000)).toEqual([]);
      expect([...new Set(others.map(({repository}: {repository: string}) => repository))].sort()).toEqual(permitted);
      for (const {commit, licence, path, capture_sha256} of others)
        expect([commit, licence, path, capture_sha256]).toEqual([
          expect.stringMatching(/^[0-9a-f]{40}$/),
          expect.stringMatching(/BSD|MIT|Apache/),
          expect.any(String),
          expect.stringMatching(/^[0-9a-f]{64}$/)
        ]);
    }
  });

  it("get another hash when a card changes", async () => {
    for (const name of ["classifier.onnx", "classifier.json"]) cpSync(join(shipped, name), join(folder, name));
    const before = modelHash(folder);
    const card = JSON.parse(readFileSync(join(folder, "classifier.json"), "utf8"));
    writeFileSync(join(folder, "classifier.json"), JSON.stringify({...card, thresholds: {unknown: 0.99}}));
    expect(modelHash(folder)).not.toBe(before);
  });
});

describe("a model that cannot be used is refused with the reason", () => {
  it("a folder without a model is missing one", async () => {
    const {model, problem} = await loadModel(folder);
    expect(model).toBeNull();
    expect(problem!.code).toBe("missing");
    expect((await loadModel(join(folder, "nowhere"))).problem!.code).toBe("missing");
  });

  it("a fit small model is taken", async () => {
    put({}, softmax);
    const {model, problem} = await loadModel(folder);
    expect(problem).toBeNull();
    expect([...(await model!.classifier!.onnx.run(Float32Array.of(0, 0), 1))]).toEqual([0.5, 0.5]);
    await model!.close();
  });

  it("features that this version does not know", async () => {
    put({features: ["duration_s", "shoe_size"]}, softmax);
    expect(await refusal()).toMatch(/shoe_size unknown to this version/);
  });

  it("fewer features in the card than in the file", async () => {
    put({}, softmax, 3);
    expect(await refusal()).toBe("small.onnx: input features: expected float32 rows × 2, found float32 rows × 3");
  });

  it("more classes in the card than in the file", async () => {
    put({labels: ["Normal", "DoS", "DDoS"]}, softmax);
    expect(await refusal()).toBe("small.onnx: output y: expected float32 rows × 3, found float32 rows × 2");
  });

  it("a ZipMap at the end", async () => {
    put({}, [
      {operator: "Softmax", from: "features", to: "p"},
      {operator: "ZipMap", domain: "ai.onnx.ml", from: "p", to: "y"}
    ]);
    expect(await refusal()).toBe("small.onnx: ends in a ZipMap; export it with zipmap=False");
  });

  it("operators that are not on the list", async () => {
    put({}, [{operator: "Escape", domain: "evil.example", from: "features", to: "y"}]);
    expect(await refusal()).toBe("small.onnx: operators that are not allowed: evil.example.Escape");
  });

  it("a file that is not ONNX, a missing one, and one elsewhere", async () => {
    put({}, softmax);
    writeFileSync(join(folder, "small.onnx"), "not a model at all");
    expect(await refusal()).toMatch(/^small.onnx: not an ONNX file: /);
    rmSync(join(folder, "small.onnx"));
    expect(await refusal()).toMatch(/small.onnx is missing$/);
    put({file: "../small.onnx"}, softmax);
    expect(await refusal()).toMatch(/expected the name of an ONNX file in the same folder/);
  });

  it("a graph that the runtime refuses, in the runtime's words", async () => {
    put({}, [{operator: "Softmax", from: "nothing", to: "y"}]);
    expect(await refusal()).toMatch(/^small.onnx: .*nothing/s);
  });

  it("operators hidden in a second graph or in functions, data outside in a sparse tensor, and what is no number", async () => {
    const write = (...bytes: Uint8Array[]) => writeFileSync(join(folder, "small.onnx"), Buffer.concat(bytes));
    put({}, softmax);
    const whole = readFileSync(join(folder, "small.onnx"));
    const loop = field(1, message(field(1, "features"), field(2, "z"), field(4, "Loop")));
    write(whole, field(7, loop));
    expect(await refusal()).toBe("small.onnx: operators that are not allowed: Loop");
    write(whole, field(25, message(field(1, "Softmax"), field(7, loop))));
    expect(await refusal()).toBe("small.onnx: not an ONNX file: it defines operators of its own");
    const outside = field(13, message(field(1, "location"), field(2, "../../etc/passwd")));
    write(whole, field(7, field(15, message(field(1, message(field(8, "w"), outside))))));
    expect(await refusal()).toBe("small.onnx: keeps data outside the file, which is not read");
    put({}, [{operator: "Log", from: "features", to: "y"}]);
    expect(await refusal()).toBe("small.onnx: output y: expected numbers, found -Infinity");
  });

  it("two classifiers in one folder", async () => {
    put({}, softmax);
    writeFileSync(join(folder, "other.json"), JSON.stringify(smallCard));
    expect(await refusal()).toMatch(/more than one classifier: other.json, small.json$/);
  });
});
