import type {Outcome, RunOptions} from "./processes.ts";
import type {Random} from "./random.ts";
import type {Label} from "./truth.ts";

/** A host's link to the switch; the delay is one way. */
export interface Link {
  readonly delayUs: number;
  readonly jitterUs: number;
  readonly lossPpm: number;
  readonly kbit: number;
}

/** Services by what actors ask for. Several names of one kind are one server's. */
export interface Endpoint {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Names that the lab's DNS server knows for it. */
  readonly names: readonly string[];
}

/** How much farther than its host's link an address is; the delay is one way. */
export interface Distance {
  readonly delayUs: number;
  readonly jitterUs: number;
  readonly lossPpm: number;
  /** Routers on the way: each takes one from an IPv4 packet's time to live. */
  readonly hops: number;
}

export type ServiceName =
  | "http"
  | "https"
  | "ssh"
  | "ftp"
  | "dns"
  | "smtp"
  | "redis"
  | "mqtt"
  | "chat"
  | "ntp"
  | "c2-http"
  | "c2-https"
  | "c2-raw"
  | "c2-dns";

/** Services that not every configuration has; whoever asks for one does nothing where it is missing. */
export type RareServiceName = "quic" | "smb" | "git" | "proxy";

export type Endpoints = Readonly<Record<ServiceName, Endpoint>> & Readonly<Partial<Record<RareServiceName, Endpoint>>>;

/** What an actor or an attack sees of the lab: its host, its dice, the services, and a way to run commands there. */
export interface Scene {
  readonly host: HostPlan;
  readonly random: Random;
  /** True once the lab's time is over; loops of actors end then. */
  readonly over: boolean;
  /** Share of the lab's time that is over. */
  readonly progress: number;
  readonly endpoints: Endpoints;
  /** Addresses of all hosts. */
  readonly addresses: readonly string[];
  /** The first three numbers of a routed network of which few addresses live (`10.1.2`): what sweeps look through. */
  readonly quarter: string;
  /** Folder with word lists (`users`, `passwords`, `paths`, `injections`), the SSH key `id` and files to send. */
  readonly folder: string;
  readonly user: {readonly name: string; readonly password: string};
  /** Picks the services anew where the configuration has several of a kind. */
  choose(): void;
  /** Runs a command in the host's namespace. */
  run(argv: readonly string[], options?: Partial<RunOptions>): Promise<Outcome>;
  pause(seconds: number): Promise<void>;
}

/** Someone who uses the network as it is meant: one action, then it returns. */
export interface Actor {
  readonly name: string;
  /** Programs that it runs. */
  readonly needs: readonly string[];
  act(scene: Scene): Promise<void>;
}

/** A program that runs on a host from start to end and makes ordinary traffic. */
export interface Resident {
  readonly name: string;
  readonly needs: readonly string[];
  command(scene: Scene): readonly string[];
}

/** One run of an attack as it was decided: what is run, and which flows are its own. */
export interface AttackPlan {
  /** Commands, run side by side. */
  readonly commands: readonly (readonly string[])[];
  /** Ended after this many seconds. */
  readonly seconds: number;
  /** Addresses that it comes from; without them the host's own. */
  readonly from?: readonly string[];
  /** Addresses that it is aimed at. */
  readonly to: readonly string[];
  /** Ports that it is aimed at; without them any. */
  readonly ports?: readonly number[];
}

export interface Attack {
  readonly label: Label;
  readonly tool: string;
  readonly needs: readonly string[];
  /** Services that must answer before it starts: an attack on what does not run would be mislabelled. */
  readonly against: readonly (ServiceName | RareServiceName)[];
  /**
   * True where its commands print their own connections (`{"proto", "src_port", "dst", "dst_port"}` a line), so that it
   * may run beside ordinary traffic of the same host.
   */
  readonly reports?: boolean;
  plan(scene: Scene): AttackPlan;
}

/** A server program: its command line, and files it wants in the lab's folder. */
export interface Server {
  readonly needs: readonly string[];
  /** Ports on which it must answer before the lab starts. */
  readonly ports: readonly number[];
  prepare?(folder: string): void;
  command(folder: string): readonly string[];
}

export interface HostPlan {
  readonly name: string;
  readonly address: string;
  readonly address6?: string;
  /** Further addresses, for attacks that come from many. */
  readonly aliases?: readonly string[];
  readonly link: Link;
  /** A network (`10.1.2.0/24`) that this host routes: of its addresses only those in `aliases` live. */
  readonly routes?: string;
  /** Bytes of the largest packet; 1500 without it. */
  readonly mtu?: number;
  /** Settings of the host's TCP/IP stack (sysctl names, `net.ipv4.ip_default_ttl`). */
  readonly stack?: Readonly<Record<string, number | string>>;
  /** Addresses of this host that are farther away than the host: many distant servers in one. */
  readonly distances?: Readonly<Record<string, Distance>>;
  readonly servers?: readonly Server[];
  readonly residents?: readonly Resident[];
  /** Ordinary use: that many at a time, each with a think time after every action (median seconds, spread). */
  readonly use?: {
    readonly actors: readonly (readonly [Actor, number])[];
    readonly workers: number;
    readonly think: readonly [number, number];
    /** Think times are that many times as long until this share of the run is over; 1 without it. */
    readonly pace?: readonly (readonly [untilShare: number, factor: number])[];
  };
  /** Attacks run one after another, in turns with ordinary use of the host, or at fixed seconds. */
  readonly attacks?: {
    readonly list: readonly Attack[];
    readonly gap: readonly [number, number];
    readonly at?: readonly number[];
  };
  /** Attacks that report their own connections and run from start to end beside everything else. */
  readonly background?: readonly Attack[];
}

/** Sizes in bytes of what the servers hold. */
export interface Sizes {
  readonly object: readonly [number, number];
  readonly segment: number;
  readonly large: number;
}

export interface Configuration {
  readonly name: string;
  readonly hosts: readonly HostPlan[];
  readonly endpoints: Endpoints;
  /** Further services of a kind: every action and every attack picks one anew. */
  readonly alternatives?: Readonly<Partial<Record<ServiceName | RareServiceName, readonly Endpoint[]>>>;
  readonly sizes: Sizes;
  /** Bytes kept of each packet where the run does not say; 0 keeps all. */
  readonly snapLength?: number;
  /** See Scene. */
  readonly quarter: string;
}
