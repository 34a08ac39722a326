import type { ResourceKey } from "../../../core/resource.ts";

/** The NATS subjects of an app. */
export interface Subjects {
  /** `afoot.worker.<kind>`: worker requests, and progress. */
  readonly worker: (kind: string) => string;
  /** `afoot.due.<type>`: wake-ups. */
  readonly due: (type: string) => string;
  /** `afoot.flush.<worker>`: requests for the latest progress. */
  readonly flush: (worker: string) => string;
  /** `afoot.notices`: change notices. */
  readonly notices: string;
  /** Name of the stream that stores status messages. */
  readonly stream: string;
  /** `afoot.status.<type>.<id>`: status messages of external processes. */
  readonly status: string;
  /** Returns the resource that a subject of status messages names; undefined if it names none. */
  readonly keyOf: (subject: string) => ResourceKey | undefined;
  /**
   * True for a subject that a message may name for replies and parts. The sender of the message may lack the permission
   * to publish to a subject of the app or of NATS itself, so this process must not do so for it.
   */
  readonly isInbox: (subject: string) => boolean;
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
      // An id may contain dots.
      return type === undefined || id.length === 0 ? undefined : { type, id: id.join(".") };
    },
    isInbox: (subject) => !subject.startsWith("$") && !subject.startsWith(`${prefix}.`),
  };
}

/** The queue group, and the consumer, that all servers share. */
export const SERVER_GROUP = "servers";

/** Returns the part of a subject after its last dot. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
