import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {keepExperiment} from "../../../cli/training/experiments.ts";
import {train} from "../../../cli/training/train.ts";
import type {Learner, Step, TrainerSettings} from "../../../cli/training/trainer.ts";
import {type TrainingFlows, trainingFlows} from "../../../cli/training/training-flows.ts";
import {readExperiments} from "../../../loaders/results/experiments.ts";
import {loadModel} from "../../../models/model.ts";
import {absentUnless, describeUnless} from "../../needs.ts";

const root = resolve(import.meta.dirname, "../../..");
const noPython = absentUnless(existsSync(join(root, ".venv/bin/python")), "no .venv of the trainer");

describeUnless(noPython)("a quick training on the demo capture", () => {
  let folder: string;
  let flows: TrainingFlows;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-train-test-"));
    const demo = {path: join(root, "data/demo/demo.pcap"), role: "train"} as const;
    flows = await trainingFlows([demo], join(folder, "lake"), () => 0);
  });
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  let made = 0;
  async function trained(steps: readonly Step[], settings: Partial<TrainerSettings>) {
    const work = join(folder, String(made++));
    const output = join(work, "models");
    mkdirSync(work);
    const {experiment} = await train({
      flows,
      tables: [],
      work,
      output,
      settings: {seed: 1, effort: "quick", learner: "random-forest", smote: false, threshold: null, ...settings},
      parity: null,
      steps,
      startedMs: 0,
      clock: () => 0,
      tell: () => {}
    });
    return {experiment, output, work};
  }

  it.each<[Learner, boolean]>([
    ["random-forest", false],
    ["xgboost", true],
    ["lightgbm", false]
  ])(
    "%s (SMOTE %s): the same seed gives the same files, and ONNX Runtime its probabilities within 1e-5",
    async (learner, smote) => {
      const first = await trained(["flows"], {learner, smote});
      const second = await trained(["flows"], {learner, smote});
      expect(second.experiment).toEqual(first.experiment);
      const {model} = await loadModel(first.output);
      expect(model!.hash).toBe(first.experiment.modelHash);
      const {rows, probabilities} = JSON.parse(readFileSync(join(first.work, "classifier-parity.json"), "utf8"));
      const found = await model!.classifier!.onnx.run(Float32Array.from(rows.flat()), rows.length);
      await model!.close();
      const expected: number[] = probabilities.flat();
      expect(Math.max(...expected.map((p, i) => Math.abs(p - found[i])))).toBeLessThan(1e-5);
    }
  );

  it("an Isolation Forest alone is a model, and another seed gives other files", async () => {
    const [one, two] = [await trained(["anomaly"], {}), await trained(["anomaly"], {seed: 2})];
    expect(one.experiment.modelHash).toMatch(/^[0-9a-f]{64}$/);
    expect(two.experiment.modelHash).not.toBe(one.experiment.modelHash);
    expect(one.experiment.id).not.toBe(two.experiment.id);
  });

  it("a run is kept with its models and its figures, and counts how often it gave the same files", async () => {
    const {experiment: made, output} = await trained(["flows", "activities"], {});
    const lake = join(folder, "kept");
    keepExperiment(lake, made, output);
    expect(keepExperiment(lake, made, output)).toMatchObject({differs: false, experiment: {runs: 2}});
    expect(keepExperiment(lake, {...made, modelHash: "other"}, output).differs).toBe(true);
    const [kept] = readExperiments(lake);
    expect(kept.models.map(({name, sets}) => [name, sets.map(({kind}) => kind)])).toEqual([
      ["classifier", ["own"]],
      ["activity", ["own"]]
    ]);
    expect(kept.models[0].sets[0].rows).toBe(flows.labels.filter((label) => label !== null).length);
    expect(existsSync(join(lake, ".experiments", kept.id, "models/classifier.onnx"))).toBe(true);
  });
});
