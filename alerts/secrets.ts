import {transportKinds} from "./transports/index.ts";

type Kinds = typeof transportKinds;
type SecretName = {[N in keyof Kinds]: keyof Kinds[N]["secrets"]}[keyof Kinds];

/** What must be known to nobody but the one it is sent to; the transports declare their own. */
export type Secrets = Readonly<Record<SecretName, string | null>>;

/** The environment's variables by the names of the secrets. */
const variables = Object.entries(
  Object.assign({}, ...Object.values(transportKinds).map(({secrets}) => secrets)) as Record<SecretName, string>
);

/**
 * Takes the secrets out of the environment: processes that are started later, such as loaders of a reader's own pages,
 * do not inherit them.
 */
export function takeSecrets(env: NodeJS.ProcessEnv): Secrets {
  return Object.fromEntries(
    variables.map(([name, variable]) => {
      const value = env[variable];
      delete env[variable];
      return [name, value || null];
    })
  ) as Secrets;
}
