import {expect, it} from "vitest";
import {hashesOf, type Lineage, refuseTrainedTests} from "../../../cli/training/splits.ts";
import type {Role} from "../../../cli/training/training-flows.ts";

const capture = (role: Role, ...hashes: string[]): Lineage => ({path: `${role}-${hashes[0]}.pcap`, role, hashes});

it.each([
  ["of the same content", [capture("train", "a"), capture("test", "a")], "has the same content as train-a.pcap"],
  ["that is ordinary background", [capture("background", "a"), capture("test", "a")], "has the same content"],
  ["made by vary of a trained one", [capture("train", "a"), capture("test", "b", "a")], "was made by vary of train-a"],
  ["that a trained one was made of", [capture("train", "b", "a"), capture("test", "a")], "was varied to make train-b"],
  [
    "made of what made a trained one",
    [capture("train", "c", "a"), capture("test", "b", "a")],
    "of the same capture as"
  ],
  ["made of it in two steps", [capture("train", "a"), capture("test", "c", "b", "a")], "was made by vary of train-a"]
])("a test capture %s is refused", (_, captures, why) => {
  expect(() => refuseTrainedTests(captures)).toThrow(why);
});

it("a test capture of other packets is taken, and two tests may be alike", () => {
  refuseTrainedTests([capture("train", "a"), capture("test", "b"), capture("test", "c", "b")]);
});

it("a capture's hashes are its own and those of all it was made of", () => {
  expect(hashesOf({capture_sha256: "c", varied: {capture_sha256: "b", made_of: ["a"], seed: 1}})).toEqual([
    "c",
    "b",
    "a"
  ]);
});
