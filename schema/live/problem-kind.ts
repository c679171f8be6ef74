/** What keeps packets from being captured; each kind has its own way out. */
export type ProblemKind = "permission" | "no-program" | "unknown-interface" | "interface-down" | "interface-gone" | "captured-already" | "filter" | "disk-full" | "ended";
