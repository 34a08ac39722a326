import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Response {
  readonly location: string | undefined;
  readonly body: string;
}

/** A keep-alive connection with little overhead of its own. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async request(method: string, path: string, body?: string): Promise<Response> {
    const headers =
      body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(this.#origin + path, { agent: this.#agent, method, headers }, (response) => {
        const { location } = response.headers;
        text(response).then((received) => resolve({ location, body: received }), reject);
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
