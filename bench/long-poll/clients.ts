import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Many clients, each with one long poll on a separate connection. */
export class Clients {
  readonly #sockets: Socket[] = [];
  #answered = 0;
  #notified = 0;
  #onAll: (() => void) | undefined;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  /** Sends the requests. */
  async open(port: number, requestOf: (index: number) => string): Promise<void> {
    for (let index = 0; index < this.#count; index++) {
      const socket = connect({ port, host: "127.0.0.1" });
      this.#sockets.push(socket);
      socket.once("data", (bytes) => this.#onAnswer(bytes));
      // Limits concurrent connects, because the listen queue is short.
      if (index % 100 === 99) await once(socket, "connect");
      socket.write(requestOf(index));
    }
  }

  #onAnswer(bytes: Buffer): void {
    this.#answered++;
    if (/^HTTP\/1\.1 200 [^]*"progress":"50%"/.test(bytes.toString())) this.#notified++;
    if (this.#answered === this.#count) this.#onAll?.();
  }

  /** Number of clients that received the change. */
  get notified(): number {
    return this.#notified;
  }

  /** Resolves once every client has its response. */
  async untilAllAnswered(): Promise<void> {
    if (this.#answered === this.#count) return;
    await new Promise<void>((resolve) => {
      this.#onAll = resolve;
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
