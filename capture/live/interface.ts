import type {CaptureInterface} from "../../schema/live/interface.ts";
import {LiveProblem} from "./problem.ts";

/** Linux's name for all interfaces at once. */
export const allInterfaces = "any";

/**
 * The interface to capture from: the one of that name, else the default route's. Throws a LiveProblem where it is not
 * among those listed (`any` is, on Linux), is down, or where none is named and there is no default route.
 */
export function chooseInterface(name: string | null, interfaces: readonly CaptureInterface[]): string {
  const names = interfaces.map((one) => one.name).join(", ") || "none";
  if (name === null) {
    const found = interfaces.find(({isDefault}) => isDefault);
    if (found) return found.name;
    throw new LiveProblem(
      "unknown-interface",
      "there is no default route to take the interface from",
      `name one with -i: ${names}`
    );
  }
  if (name === allInterfaces && process.platform === "linux") return name;
  const found = interfaces.find((one) => one.name === name);
  if (!found || name.startsWith("-"))
    throw new LiveProblem("unknown-interface", `there is no interface ${JSON.stringify(name)}`, `there are: ${names}`);
  return name;
}
