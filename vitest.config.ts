import "./scripts/silent.js";
import {defineConfig} from "vitest/config";

// Ample for a machine three times slower than a small one with two cores, while something else keeps it busy.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: {poll: {timeout: 60_000, interval: 50}},
    maxWorkers: 2
  }
});
