/**
 * What a reader chose or opened on this page and new data must not take back, by name. Modules that load data come anew with them;
 * this one imports nothing, so it stays.
 */
export const keptView = new Map<string, unknown>();
