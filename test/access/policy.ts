import type { Access } from "afoot/server";
import { type InvoicesApp, startInvoices } from "./principal.ts";

/** An app with a policy. */
interface PolicyApp extends InvoicesApp {
  /** Returns what was asked since the last call, without what is the same everywhere. */
  readonly asked: () => readonly (Omit<Access, "principal" | "type"> & { readonly by: string })[];
}

/** Starts the app with a policy, and records what the policy is asked. */
export async function startWith(
  policy: (access: Access) => boolean | undefined = () => undefined,
  mcp = false,
): Promise<PolicyApp> {
  const asked: Access[] = [];
  const running = await startInvoices({
    mcp,
    authorize: (access) => {
      asked.push(access);
      return policy(access);
    },
  });
  return {
    ...running,
    asked: () => asked.splice(0).map(({ principal, type: _type, ...access }) => ({ by: principal.id, ...access })),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Creates an invoice that is ready. */
export async function invoiceOf({ settle }: InvoicesApp, who = "ann"): Promise<{ path: string; resource: object }> {
  const path = await settle(who, "POST", "invoices", { configuration: {} });
  const owner = who === "dave" ? "team-2" : "team-1";
  return { path, resource: { type: "invoice", id: path.slice("invoices/".length), owner } };
}
