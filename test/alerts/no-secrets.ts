import {type Secrets, takeSecrets} from "../../alerts/secrets.ts";

/** An environment without any. */
export const noSecrets: Secrets = takeSecrets({});
