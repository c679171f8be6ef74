/**
 * Path of the bundled entry file, given as a path from the root, or of the folder with those of an entry folder; `folders`
 * are all that it imports from, known for the program's own entries.
 */
export function bundle(entry: string, folders?: readonly string[]): Promise<string>;

/** Entry files of a process or a thread, or a folder of them, and the folders that each imports from. */
export const entries: Readonly<Record<string, readonly string[]>>;
