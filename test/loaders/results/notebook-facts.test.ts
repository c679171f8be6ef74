import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeAll, describe, expect, it} from "vitest";
import {notebookFacts} from "../../../loaders/results/notebook-facts.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-facts-"));
let model: string;

beforeAll(async () => {
  ({model} = await makeLake(join(folder, "lake"), 100));
  for (const name of ["empty", "models", "demo"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "demo/a.pcap"), "a");
  writeFileSync(join(folder, "demo/a.truth.json"), "{}");
});
afterEach(() => {
  delete process.env.FLOWBOOK_LAKE;
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const facts = (lake: string) => {
  process.env.FLOWBOOK_LAKE = join(folder, lake);
  return notebookFacts(join(folder, "models"), join(folder, "demo"));
};

describe("what pages know besides their tables", () => {
  it("is the model that scored the flows, and the captures that come with the project by their hash", async () => {
    expect(await facts("lake")).toMatchObject({
      model,
      // Of a model that is not the project's own: where its scores part.
      anomalyThreshold: expect.closeTo(0.106, 3),
      flows: 100,
      classes: 4,
      demo: ["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"],
      damage: []
    });
  });

  it("is no model, with the reason, where nothing was scored", async () => {
    const {model, modelProblem} = await facts("empty");
    expect(model).toBeNull();
    expect(modelProblem).toContain("has no classifier");
  });
});
