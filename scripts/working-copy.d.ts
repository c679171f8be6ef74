/** Whether the folder is a checkout: npm's lock is never part of a package. */
export function isCheckout(root: string): boolean;
/** npm's lock of a checkout, or the one that a package carries. */
export function lockPath(root: string): string;
/** Names of the packages in a folder node_modules, scoped ones included. */
export function packageNames(folder: string): string[];
/** The folder to run from: `root` itself, or the copy of an installed package, made if it is not there. */
export function runFolder(root: string, env?: NodeJS.ProcessEnv): string;
/** Whether this user can write where Framework and the bundler do. */
export function isWritable(root: string): boolean;
/** The user's folder for what can be made again. */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;
/** What a copy was made of; the folder itself where it is none. */
export function originalOf(root: string): string;
