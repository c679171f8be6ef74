import type {LiveRun, LossSecond} from "../../schema/live/messages.ts";
import type {EndNews} from "../../schema/live/news.ts";
import type {LiveStatus} from "../../schema/live/status.ts";

const layers = ["kernel", "interface", "pipe"] as const;

/** Cuts losses counted from a capture's beginning into those of its seconds. */
export class LossSteps {
  #before: LiveStatus | null = null;
  /** Told so far by the second; null where a layer has told nothing. */
  readonly #told: Record<(typeof layers)[number], number | null> = {kernel: null, interface: null, pipe: null};

  /** What was lost since the last status. */
  take(status: LiveStatus): LossSecond {
    const before = this.#before;
    this.#before = status;
    const since = (count: number, name: keyof LiveStatus) => Math.max(0, count - (Number(before?.[name] ?? 0) || 0));
    const layer = (name: (typeof layers)[number], count: number | null) => {
      if (count === null) return null;
      const told = this.#told[name] ?? 0;
      this.#told[name] = Math.max(told, count);
      return Math.max(0, count - told);
    };
    return {
      second: Math.floor(status.atMs / 1000),
      kernel: layer("kernel", status.kernelDrops),
      interface: layer("interface", status.interfaceDrops),
      pipe: layer("pipe", status.pipeDrops),
      meter: since(status.evictedFlows, "evictedFlows"),
      stalls: since(status.stalls, "stalls"),
      malformed: since(status.malformed, "malformed"),
      cut: since(status.cutPackets, "cutPackets")
    };
  }

  /** Losses that the end told and no second did, which may have happened at any time of the run; null where there are none. */
  untold(end: EndNews): LiveRun["lateDrops"] {
    const late = {
      kernel: Math.max(0, (end.kernel_drops ?? 0) - (this.#told.kernel ?? 0)),
      interface: Math.max(0, (end.interface_drops ?? 0) - (this.#told.interface ?? 0)),
      pipe: Math.max(0, (end.pipe_drops ?? 0) - (this.#told.pipe ?? 0))
    };
    return late.kernel + late.interface + late.pipe > 0 ? late : null;
  }
}
