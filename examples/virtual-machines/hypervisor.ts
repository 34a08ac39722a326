export type Size = Readonly<Record<"ram" | "storage", string>>;

export interface Call {
  readonly signal: AbortSignal;
  /** Receives the progress from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** Port of a hypervisor. All methods are idempotent. A machine is identified by its address or by the key of its creation. */
export interface Hypervisor {
  fetchImage(os: string, call: Call): Promise<void>;
  /** Creates a machine that is off. Returns its address, the same for the same key. */
  allocate(key: string, size: Size): Promise<string>;
  /** Boots a machine. Resolves once it is up, with the RAM it was given if that is less than requested. */
  boot(machine: string, size: Size, call: Call): Promise<{ readonly givenRam?: string }>;
  /** Returns true if a machine is up, or should be. */
  isUp(machine: string): Promise<boolean>;
  /** Shuts a machine down, or switches it off with `force`. */
  shutDown(machine: string, call: Call & { readonly force: boolean }): Promise<void>;
  /** Removes a machine, running or not, and all its files. */
  release(machine: string, call: Call): Promise<void>;
  /** Returns true if a machine should be up but is not. */
  hasCrashed(machine: string): Promise<boolean>;
}

export function megabytesOf(size: string): number {
  const [, count, unit = ""] = /^(\d+) ?([MGT])/.exec(size) ?? [];
  return Number(count) * 1024 ** "MGT".indexOf(unit);
}
