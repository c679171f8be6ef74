import {formatBytes, formatCount, formatDuration, formatTime, type Zone} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import type {CellKind} from "../../lib/records/record-source.js";
import {visibleText} from "../../lib/visible-text.js";

/** A value as text; texts of strangers come escaped. */
export function cellText(kind: CellKind, cell: Cell, zone: Zone): string {
  if (cell === null) return "–";
  if (kind === "list") return visibleText(listOf(String(cell)).join(", ")) || "none";
  if (typeof cell === "string") return visibleText(cell) || "(empty)";
  if (kind === "time") return formatTime(cell, zone, 3);
  if (kind === "bytes") return formatBytes(cell);
  if (kind === "duration") return formatDuration(cell);
  if (kind === "share") return `${(cell * 100).toFixed(1)} %`;
  if (kind === "number") return cell.toFixed(2);
  return kind === "count" ? formatCount(cell) : String(cell);
}

function listOf(json: string): readonly string[] {
  try {
    return (JSON.parse(json) as unknown[]).map(String);
  } catch {
    // Cut where it was too long to keep.
    return [json];
  }
}

const texts: readonly CellKind[] = ["text", "list", "host", "time"];

/** Whether values of a kind stand to the right. */
export const isNumeric = (kind: CellKind) => !texts.includes(kind);
