import type {Message} from "../message.ts";
import type {Section} from "../section.ts";

/** What a file of this folder declares: one way to tell somebody. */
export interface TransportKind<Settings, Secret extends string = never> {
  /** As pages name it. */
  readonly title: string;
  /** Environment variables that carry what nobody else may know, by the names that `open` gets them under. */
  readonly secrets: Readonly<Record<Secret, string>>;
  /** Reads its table `[alerts.NAME]`; `pathOf` reads a path, relative to the settings file. Throws a SettingError. */
  read(section: Section, pathOf: PathOf): Settings;
  /** `timeoutMs`: how long a destination has for one message. */
  open(settings: Settings, secrets: Readonly<Record<Secret, string | null>>, timeoutMs: number): OpenTransport;
}

/** Reads a path; null where the setting is not there. */
export type PathOf = (section: Section, name: string) => string | null;

/** A destination that is set. */
export interface OpenTransport {
  /** To whom, without anything secret. */
  readonly destination: string;
  /** How it is protected on its way, in words. */
  readonly protection: string;
  /** Sends one message, or throws within the time limit, in words without secrets. */
  send(message: Message): Promise<void>;
}
