import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trades } from "../../../examples/orders/services/trades.ts";
import { Member } from "../../faults/fleet.ts";
import type { AfootProcessOptions } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";

export const APP = join(import.meta.dirname, "../../../examples/app.ts");

/** The processes that can be killed: the app and its three services. */
export const PARTS = ["app", ...Object.keys(trades)];

/** The running examples: `afoot start` and its services. */
export class Shop {
  readonly #folder: string;
  readonly #member: Member;
  readonly #killed = new Set<number>();

  constructor(folder: string, options: Omit<AfootProcessOptions, "app" | "folder"> = {}) {
    this.#folder = folder;
    this.#member = new Member("the app", { app: APP, folder, ...options });
  }

  get origin(): string | undefined {
    return this.#member.origin;
  }

  start(): Promise<void> {
    return this.#member.start();
  }

  /** Sends SIGKILL. The test restarts the app, and the app restarts a service. */
  async kill(part: string): Promise<void> {
    if (part === "app") {
      await this.#member.kill();
      await this.#member.start();
      return;
    }
    await eventually(`service ${part} to run, to be killed`, () => this.#killService(part));
  }

  /** Returns the process ids of the services. */
  services(): readonly number[] {
    return Object.keys(trades).map((service) => this.#pidOf(service));
  }

  stop(): Promise<readonly string[]> {
    return this.#member.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#member.kill();
  }

  /** Returns false while a killed service has not been restarted. */
  #killService(service: string): boolean {
    const pid = this.#pidOf(service);
    if (pid === 0 || this.#killed.has(pid)) return false;
    this.#killed.add(pid);
    try {
      return process.kill(pid, "SIGKILL");
    } catch {
      // The service has ended with the killed app.
      return false;
    }
  }

  #pidOf(service: string): number {
    return Number(readFileSync(join(this.#folder, "orders", `${service}.pid`), "utf8"));
  }
}
