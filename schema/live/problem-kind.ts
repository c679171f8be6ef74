/** What keeps packets from being captured; each kind has its own way out. */
export type ProblemKind = "permission" | "no-program" | "unknown-interface" | "interface-down" | "filter" | "disk-full" | "ended";
