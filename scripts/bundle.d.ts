/**
 * Path of the bundled entry file, given as a path from the root; `folders` are all that it imports from, known for the
 * program's own entries.
 */
export function bundle(entry: string, folders?: readonly string[]): Promise<string>;
