import { connect, type Socket } from "node:net";

/** Called with the status of a response (0 if there was none) and its duration. */
export type OnResponse = (status: number, ms: number) => void;

/** A keep-alive connection with one request at a time and minimal overhead. */
export class Caller {
  readonly #request: Buffer;
  readonly #port: number;
  readonly #onResponse: OnResponse;
  readonly #onFree: (caller: Caller) => void;
  #socket: Socket | undefined;
  #since = 0;
  #received = "";

  constructor(
    port: number,
    request: Buffer,
    on: { readonly answer: OnResponse; readonly free: (caller: Caller) => void },
  ) {
    this.#port = port;
    this.#request = request;
    this.#onResponse = on.answer;
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
    socket.on("data", (text: string) => this.#receive(text));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = undefined;
      if (this.#since > 0) this.#end(0);
    });
    return socket;
  }

  #receive(text: string): void {
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
    this.#onResponse(status, ms);
    this.#onFree(this);
  }
}
