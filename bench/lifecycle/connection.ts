import { connect, type Socket } from "node:net";

export interface Received {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** A keep-alive connection with one request at a time and little overhead. */
export class RawConnection {
  readonly #socket: Socket;
  #text = "";
  #pending: PromiseWithResolvers<Received> | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#receive(text));
    this.#socket.on("error", (error) => this.#pending?.reject(error));
    this.#socket.on("close", () => this.#pending?.reject(new Error("the server closed the connection")));
  }

  async send(request: string): Promise<Received> {
    this.#pending = Promise.withResolvers<Received>();
    this.#socket.write(request);
    return this.#pending.promise;
  }

  close(): void {
    this.#pending = undefined;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#text += text;
    const end = this.#text.indexOf("\r\n\r\n");
    if (end === -1) return;
    const head = this.#text.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#text.length < end + 4 + length) return;
    const body = this.#text.slice(end + 4);
    this.#text = "";
    this.#pending?.resolve({
      status: Number(head.slice(9, 12)),
      location: /\r\nlocation: (\S+)/i.exec(head)?.[1],
      body,
    });
  }
}
