import type {Configuration} from "./configuration.ts";

/** The lab's configurations; a new one is a file and a line here. */
export const configurations: Record<string, () => Promise<Configuration>> = {
  a: async () => (await import("./configurations/a.ts")).a,
  b: async () => (await import("./configurations/b.ts")).b,
  demo: async () => (await import("./configurations/demo.ts")).demo
};
