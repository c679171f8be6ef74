/**
 * What a reader chose or opened on this page and new data must not take back, by name. Modules come anew with new data, so it belongs
 * to the page.
 */
const page = globalThis as {flowbookKept?: Map<string, unknown>};
page.flowbookKept ??= new Map();
export const keptView = page.flowbookKept;
