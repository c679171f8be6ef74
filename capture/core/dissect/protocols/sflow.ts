import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** sFlow version 5 (or 2, 4) by its version, the kind of the agent's address and plausible counts of samples (sFlow v5 §5). */
export function recogniseSflow(_event: Event, start: usize, end: usize): bool {
  const version = u32At(start);
  if (start + 28 > end || (version !== 5 && version !== 4 && version !== 2)) return false;
  const kind = u32At(start + 4);
  if (kind !== 1 && kind !== 2) return false;
  const behind = start + (kind === 1 ? 12 : 24);
  // Version 5 has a sub-agent's number there.
  const samples = u32At(behind + (version === 5 ? 12 : 8));
  return behind + 16 <= end && samples <= 1000 && (version === 5 ? u32At(behind) < 0x10000 : true);
}

/** Whether it may begin with that byte. */
export function beginsSflow(byte: u8): bool {
  return byte === 0;
}
