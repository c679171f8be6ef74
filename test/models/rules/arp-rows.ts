import type {ArpRow} from "../../../schema/arp.ts";
import {capture, epochUs} from "./flow-rows.ts";

/** Hardware address of a made station. */
export const mac = (station: number) => `02:00:00:00:00:${station.toString(16).padStart(2, "0")}`;

/** `by` asks who has `whom`, under its address; station 5 at 10.0.0.5 where nothing else is said. */
export function ask(made: {at: number; by?: number; as?: string; whom: string}): ArpRow {
  const {by = 5} = made;
  return row(made.at, 1, by, made.as ?? `10.0.0.${by}`, "00:00:00:00:00:00", made.whom);
}

/** `by` tells `whom` (a station of that number) that it has the address. */
export function tell(made: {at: number; by: number; has?: string; whom: number}): ArpRow {
  return row(made.at, 2, made.by, made.has ?? `10.0.0.${made.by}`, mac(made.whom), `10.0.0.${made.whom}`);
}

/** `by` tells everyone that it has the address. */
export function announce(made: {at: number; by: number; has: string}): ArpRow {
  return row(made.at, 1, made.by, made.has, "00:00:00:00:00:00", made.has);
}

function row(at: number, operation: number, by: number, senderIp: string, targetMac: string, targetIp: string): ArpRow {
  return {
    capture_sha256: capture,
    ts: epochUs + Math.round(at * 1e6),
    operation,
    sender_mac: mac(by),
    sender_ip: senderIp,
    target_mac: targetMac,
    target_ip: targetIp,
    vlan: null
  };
}
