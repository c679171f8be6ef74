import {fileURLToPath} from "node:url";
import type {Resident} from "./configuration.ts";
import type {HabitPlan} from "./own/habit.ts";
import {ownProgram} from "./servers.ts";

/** Programs of a host that live by themselves, in one process. */
export function life(plans: readonly HabitPlan[]): Resident {
  return {
    name: "life",
    needs: plans.some(({kind}) => kind === "monitor") ? ["fping"] : [],
    command: ({host, random}) =>
      ownProgram("own/life.ts", JSON.stringify({plans, address: host.address, seed: random.integer(1, 1e9)}))
  };
}

/** What a router, a switch or a host says below TCP and UDP. */
export interface FramesPlan {
  readonly router?: readonly ("advertise" | "pim" | "igmp" | "vrrp" | "ospf" | "hsrp" | "eigrp")[];
  readonly dhcp?: "client" | "server";
  /** Address of the other end of an SCTP association; `sctp-server` answers. */
  readonly sctp?: string;
  readonly sctpServer?: boolean;
  readonly everySeconds: number;
}

/** Frames that the kernel has no programs for, from a raw socket. */
export function frames(plan: FramesPlan): Resident {
  return {
    name: "frames",
    needs: ["python3"],
    command: ({host, random}) => [
      "python3",
      fileURLToPath(new URL("own/frames.py", import.meta.url)),
      JSON.stringify({...plan, address: host.address, seed: random.integer(1, 1e9)})
    ]
  };
}
