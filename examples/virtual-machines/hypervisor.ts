export type Size = Readonly<Record<"ram" | "storage", string>>;

export interface Call {
  readonly signal: AbortSignal;
  /** Hears how far it is, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** Every call may come twice, and then does what is not done yet. A machine is named by its address or the key it was made with. */
export interface Hypervisor {
  fetchImage(os: string, call: Call): Promise<void>;
  /** Makes a machine that is off. Gives its address, the same for the same key. */
  allocate(key: string, size: Size): Promise<string>;
  /** Resolves once the machine is up: to what it was given where that is less than was asked. */
  boot(machine: string, size: Size, call: Call): Promise<{ readonly givenRam?: string }>;
  /** By the power button, or by the plug. Tells whether the machine was up. */
  shutDown(machine: string, call: Call & { readonly force: boolean }): Promise<boolean>;
  /** Removes the machine, running or not, and all that belongs to it. */
  release(machine: string, call: Call): Promise<void>;
  /** Whether the machine should be up and is not. */
  hasCrashed(machine: string): Promise<boolean>;
}

export function megabytesOf(size: string): number {
  const [, count, unit = ""] = /^(\d+) ?([MGT])/.exec(size) ?? [];
  return Number(count) * 1024 ** "MGT".indexOf(unit);
}
