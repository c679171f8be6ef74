// Modules of Framework come through this file alone, which changes jsdom before they are loaded: `await import` keeps the
// order, also in a bundle, where `import` of a package goes first.
import {createRequire} from "node:module";

/** What is used of jsdom. */
interface Jsdom {
  JSDOM: new (html: string) => {readonly window: {readonly document: Document; readonly DOMParser: typeof DOMParser}};
}

const own = createRequire(import.meta.url);
// The copy that Framework finds, which need not be ours.
const jsdom: Jsdom = createRequire(own.resolve("@observablehq/framework/dist/html.js"))("jsdom");

/** jsdom's own parser, which makes a window for each document. */
export const {JSDOM} = jsdom;

/**
 * Framework parses each piece of a page as a document with a window of its own, which costs 20 ms and much memory. It
 * reads the document only, so documents of one window do.
 */
class DocumentOfOneWindow {
  static #parser: DOMParser | undefined;
  readonly window: {readonly document: Document};

  constructor(html: string) {
    DocumentOfOneWindow.#parser ??= new new JSDOM("").window.DOMParser();
    this.window = {document: DocumentOfOneWindow.#parser.parseFromString(html, "text/html")};
  }
}

jsdom.JSDOM = DocumentOfOneWindow as unknown as Jsdom["JSDOM"];

export const {readConfig} = await import("@observablehq/framework/dist/config.js");
export const {readFrontMatter} = await import("@observablehq/framework/dist/frontMatter.js");
export const {findModule, getModuleInfo, readJavaScript} = await import(
  "@observablehq/framework/dist/javascript/module.js"
);
export const {parseJavaScript, parseProgram} = await import("@observablehq/framework/dist/javascript/parse.js");
export const {LoaderResolver} = await import("@observablehq/framework/dist/loader.js");
export const {parseMarkdown} = await import("@observablehq/framework/dist/markdown.js");
export const {resolveNpmImport} = await import("@observablehq/framework/dist/npm.js");
export const {relativePath, resolvePath} = await import("@observablehq/framework/dist/path.js");
export const {PreviewServer} = await import("@observablehq/framework/dist/preview.js");
export const {getResolvers} = await import("@observablehq/framework/dist/resolvers.js");
