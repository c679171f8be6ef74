import "./scripts/silent.js";
import {availableParallelism} from "node:os";
import {defineConfig} from "vitest/config";
import {BaseSequencer, type TestSpecification} from "vitest/node";

/**
 * Folders whose tests take longest: begun last, one of them would run on alone at the end. First of all the fuzzers', which are
 * one long process each.
 */
const longest = ["fuzz", "browser", "cli", "loaders", "server", "alerts"];

/**
 * Folders whose test files share a process, one after the other (docs/decisions/test-processes.md): they change nothing of it,
 * and to load what they test costs more than most of them. Not those that hold rows of many captures: they would stay in memory.
 */
const sharing = [
  ...["capture/dissect", "capture/sources", "capture/variants", "docs", "pages", "schema", "server"].map(
    (folder) => `test/${folder}/**/*.test.ts`
  ),
  // To read the notebook's modules costs a process 10 CPU s, before its first page. Those that capture, or whose server goes
  // away, stay alone.
  "test/browser/!(live|server-away|new-data).test.ts"
];

/** Begins with the folders that take longest; within one, as Vitest does. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification) => {
      const place = longest.findIndex((folder) => moduleId.includes(`/test/${folder}/`));
      return place < 0 ? longest.length : place;
    };
    // A process ends before a file that shares none, so those that do stand together.
    const isAlone = ({project}: TestSpecification) => Number(project.config.isolate);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b) || isAlone(b) - isAlone(a));
  }
}

// Ample for a machine three times slower than a small one with two cores, while something else keeps it busy.
export default defineConfig({
  test: {
    globalSetup: "test/shared-folder.ts",
    testTimeout: 600_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: {poll: {timeout: 60_000, interval: 50}},
    sequence: {sequencer: LongestFirst},
    // One more than there are cores, since many tests wait for a timer, a browser or a process; more take memory that small machines lack.
    maxWorkers: Math.min(6, availableParallelism() + 1),
    projects: [
      {extends: true, test: {name: "alone", include: ["test/**/*.test.ts"], exclude: sharing}},
      {extends: true, test: {name: "sharing", include: sharing, isolate: false}}
    ]
  }
});
