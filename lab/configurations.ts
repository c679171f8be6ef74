import type {Configuration} from "./configuration.ts";

/** The lab's configurations, those that are drawn by the run's seed; a new one is a file and a line here. */
export const configurations: Record<string, (seed: number) => Promise<Configuration>> = {
  a: async () => (await import("./configurations/a.ts")).a,
  b: async () => (await import("./configurations/b.ts")).b,
  demo: async () => (await import("./configurations/demo.ts")).demo,
  random: async (seed) => (await import("./configurations/random.ts")).random(seed),
  busy: async (seed) => (await import("./configurations/random.ts")).busy(seed)
};
