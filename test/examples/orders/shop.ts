import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trades } from "../../../examples/orders/services/trades.ts";
import { Member } from "../../faults/fleet.ts";
import type { AfootProcessOptions } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";

export const APP = join(import.meta.dirname, "../../../examples/app.ts");

/** The processes that can be killed: the one that serves and works, and the three services beside it. */
export const PARTS = ["app", ...Object.keys(trades)];

/** The examples as they run: `afoot start`, and what that starts. */
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

  /** SIGKILL. The app is started again by us, a service by the app. */
  async kill(part: string): Promise<void> {
    if (part === "app") {
      await this.#member.kill();
      await this.#member.start();
      return;
    }
    await eventually(`service ${part} to run, to be killed`, () => this.#killService(part));
  }

  /** The ids of the services' processes. */
  services(): readonly number[] {
    return Object.keys(trades).map((service) => this.#idOf(service));
  }

  stop(): Promise<readonly string[]> {
    return this.#member.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#member.kill();
  }

  /** False while one that was killed is not there again. */
  #killService(service: string): boolean {
    const pid = this.#idOf(service);
    if (pid === 0 || this.#killed.has(pid)) return false;
    this.#killed.add(pid);
    try {
      return process.kill(pid, "SIGKILL");
    } catch {
      // It ended with the app that was killed before.
      return false;
    }
  }

  #idOf(service: string): number {
    return Number(readFileSync(join(this.#folder, "orders", `${service}.pid`), "utf8"));
  }
}
