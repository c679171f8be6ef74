/** Lets this process import TypeScript. */
export function registerTypeScript(): Promise<void>;
