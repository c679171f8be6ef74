/**
 * Framework's client has no version in its addresses, so that a browser would ask for it with every page. With that of the
 * installed packages it is kept. The plain addresses lead to the same modules: each exists once in a page.
 */
export const clientAddress = (name: string, version: string) => `/_observablehq/${name}.js?v=${version}`;

const names = "client|runtime|stdlib";
const inPages = new RegExp(`(?<="(?:\\.{1,2}/)+_observablehq/(?:${names})\\.js)(?=")`, "g");
const inClient = new RegExp(`(?<=['"]\\./(?:${names})\\.js)(?=['"])`, "g");

/** A page that loads the client by addresses with a version. */
export const withClientVersion = (html: string, version: string) => html.replace(inPages, `?v=${version}`);

/**
 * What stands in the place of a file of the client, by its address: with a version it is the file, whose imports have it,
 * too; without one it only leads there. Null where the address is of something else.
 */
export function clientFile(url: string, version: string): {leadsTo: string} | {mend(text: string): string} | null {
  const [, name, search = ""] = new RegExp(`^/_observablehq/(${names})\\.js(\\?.*)?$`).exec(url) ?? [];
  if (!name) return null;
  if (search === "") return {leadsTo: `export * from "./${name}.js?v=${version}";\n`};
  return {mend: (text) => text.replace(inClient, `?v=${version}`)};
}
