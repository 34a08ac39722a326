import { setImmediate as nextTick } from "node:timers/promises";
import { z } from "zod";
import type { OperationOptions } from "../../src/core/definition/declaration.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";
import { isAfootError } from "../../src/core/errors.ts";
import type { WorkFunction } from "../../src/core/work.ts";

const configuration = z.object({ os: z.string().default("linux") });
const details = z.object({ address: z.string().optional() });
const messages = { approval: z.object({ by: z.string() }), hint: z.string() };

export type MachineWork = WorkFunction<
  typeof configuration,
  typeof details,
  undefined,
  typeof messages,
  "Ready" | "Stopped"
>;
export type MachineContext = Parameters<MachineWork>[0];

export interface MachineOptions {
  readonly create?: Partial<OperationOptions>;
  readonly update?: MachineWork;
  readonly delete?: (context: MachineContext) => unknown;
  readonly concurrency?: number;
  readonly maxBytes?: number;
}

/** Returns a resource type whose create runs the work of a test. */
export function machine(work: MachineWork, options: MachineOptions = {}): ResourceType {
  const { create, update, delete: remove, concurrency, maxBytes } = options;
  return defineResource({
    name: "machine",
    configuration,
    details,
    statuses: { ready: ["Ready", "Stopped"] },
    create: { status: "Provisioning", work, ...create },
    ...(update === undefined ? {} : { update: { status: "Updating", work: update } }),
    ...(remove === undefined ? {} : { delete: { status: "Deleting", work: remove } }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    receives: messages,
  });
}

/** Returns the only field of the details. */
export function addressOf({ details: text }: { readonly details: string }): string | undefined {
  return details.parse(JSON.parse(text)).address;
}

/** Resolves after a tick of the event loop. */
export async function oneTick(): Promise<void> {
  await nextTick();
}

/** Returns the code of a thrown error. */
export function codeOf(error: unknown): string {
  return isAfootError(error) ? error.code : `no Afoot error: ${String(error)}`;
}

/** Rejects when the signal is aborted, with its reason. */
export async function whenAborted(signal: AbortSignal, onAbort: (code: string) => unknown = () => {}): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      const error: unknown = signal.reason;
      if (!isAfootError(error)) throw new TypeError("a reason of no kind", { cause: error });
      onAbort(error.code);
      reject(error);
    });
  });
}
