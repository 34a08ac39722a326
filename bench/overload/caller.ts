import { connect, type Socket } from "node:net";

/** One answer: its status, 0 where there was none, and how long it took. */
export type OnAnswer = (status: number, ms: number) => void;

/** One connection that stays open, and asks one thing at a time: as little of its own as can be. */
export class Caller {
  readonly #request: Buffer;
  readonly #port: number;
  readonly #onAnswer: OnAnswer;
  readonly #onFree: (caller: Caller) => void;
  #socket: Socket | undefined;
  #since = 0;
  #received = "";

  constructor(
    port: number,
    request: Buffer,
    on: { readonly answer: OnAnswer; readonly free: (caller: Caller) => void },
  ) {
    this.#port = port;
    this.#request = request;
    this.#onAnswer = on.answer;
    this.#onFree = on.free;
  }

  call(): void {
    this.#since = performance.now();
    this.#socket ??= this.#open();
    this.#socket.write(this.#request);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    socket.on("data", (text: string) => this.#hear(text));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = undefined;
      if (this.#since > 0) this.#end(0);
    });
    return socket;
  }

  #hear(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    this.#end(Number(this.#received.slice(9, 12)));
  }

  #end(status: number): void {
    const ms = performance.now() - this.#since;
    this.#since = 0;
    this.#received = "";
    this.#onAnswer(status, ms);
    this.#onFree(this);
  }
}
