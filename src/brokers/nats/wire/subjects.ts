import type { ResourceKey } from "../../../core/resource.ts";

/** The names under which an app speaks through NATS. */
export interface Subjects {
  /** `afoot.worker.claim` and so on: requests, and progress. */
  readonly worker: (kind: string) => string;
  /** `afoot.due.<type>`: wake-ups. */
  readonly due: (type: string) => string;
  /** `afoot.flush.<worker>`. */
  readonly flush: (worker: string) => string;
  /** `afoot.notices`. */
  readonly notices: string;
  /** The stream of status messages, and what it keeps: `afoot.status.<type>.<id>`. */
  readonly stream: string;
  readonly status: string;
  /** The resource that a subject of status messages names; undefined where it names none. */
  readonly keyOf: (subject: string) => ResourceKey | undefined;
}

export function subjectsOf(prefix: string): Subjects {
  return {
    worker: (kind) => `${prefix}.worker.${kind}`,
    due: (type) => `${prefix}.due.${type}`,
    flush: (worker) => `${prefix}.flush.${worker}`,
    notices: `${prefix}.notices`,
    stream: `${prefix.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase()}_STATUS`,
    status: `${prefix}.status.>`,
    keyOf(subject) {
      const [type, ...id] = subject.slice(`${prefix}.status.`.length).split(".");
      // An id may hold dots.
      return type === undefined || id.length === 0 ? undefined : { type, id: id.join(".") };
    },
  };
}

/** The queue group in which servers share requests. */
export const SERVERS = "servers";

/** What stands behind the last dot of a subject. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
