import {statSync} from "node:fs";
import {noteBytes, readSmallFile} from "../partitions/small-file.ts";
import {StoreSettingError} from "./place.ts";

/** What signs requests to a store. Never printed, and never written anywhere. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] as const;

/** Takes the keys out of the environment, as no process that is started later needs them; null where there are none. */
export function takeStoreCredentials(env: NodeJS.ProcessEnv): StoreCredentials | null {
  const [accessKeyId, secretAccessKey, sessionToken] = variables.map((name) => {
    const value = env[name];
    delete env[name];
    return value;
  });
  if (!accessKeyId || !secretAccessKey) return null;
  return {accessKeyId, secretAccessKey, ...(sessionToken ? {sessionToken} : {})};
}

/**
 * Reads keys from a file in the form of `~/.aws/credentials`: lines `aws_access_key_id = …` and `aws_secret_access_key = …`,
 * those of `[default]` where it has sections. Throws where others may read it too, or a key is missing; no message holds
 * what the file does.
 */
export function readStoreCredentials(path: string): StoreCredentials {
  const stat = statSync(path, {throwIfNoEntry: false});
  if (!stat?.isFile()) throw new StoreSettingError(`store_credentials: there is no file ${path}`);
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0)
    throw new StoreSettingError(`store_credentials: ${path} can be read by others: chmod 600 it`);
  const keys = new Map<string, string>();
  let section = "default";
  for (const line of readSmallFile(path, noteBytes).split("\n")) {
    const heading = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line);
    const pair = /^\s*([A-Za-z_]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (heading) section = heading[1];
    else if (pair && section === "default") keys.set(pair[1].toLowerCase(), pair[2]);
  }
  const key = (name: string) => {
    const value = keys.get(name);
    if (!value) throw new StoreSettingError(`store_credentials: ${path}: expected a line ${name} = …`);
    return value;
  };
  const sessionToken = keys.get("aws_session_token");
  return {
    accessKeyId: key("aws_access_key_id"),
    secretAccessKey: key("aws_secret_access_key"),
    ...(sessionToken ? {sessionToken} : {})
  };
}
