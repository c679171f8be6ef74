interface Lock {
  readonly packages: Record<string, object>;
}

/** npm's lock without one package of the root and what only that one needs; `more`: what the root needs instead. */
export function withoutPackage<L extends Lock>(lock: L, name: string, more?: Record<string, string>): L;
