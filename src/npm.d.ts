/** Modules by the names that Observable Framework gives them in pages. */
declare module "npm:@observablehq/plot" {
  export * from "@observablehq/plot";
}

declare module "npm:d3" {
  export * from "d3";
}

declare module "npm:@observablehq/inputs" {
  /** A table of rows; its value is what is selected. */
  export function table(rows: Iterable<unknown>, options?: object): HTMLElement;
}

declare module "npm:apache-arrow" {
  export * from "apache-arrow";
}

declare module "observablehq:stdlib" {
  interface Attachment {
    json(): Promise<unknown>;
    /** Where the file lies. */
    url(): Promise<string>;
  }
  export function FileAttachment(name: string): Attachment;
  export const Generators: {
    /** A generator of what `notify` is called with; the function returned ends it. */
    observe<T>(begin: (notify: (value: T) => void) => (() => void) | undefined): AsyncGenerator<T>;
  };
}
