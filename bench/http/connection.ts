import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Answered {
  readonly location: string | undefined;
  readonly body: string;
}

/** One connection that stays open: of what is measured with it, little is its own. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async request(method: string, path: string, body?: string): Promise<Answered> {
    const headers =
      body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(this.#origin + path, { agent: this.#agent, method, headers }, (answer) => {
        text(answer).then((said) => resolve({ location: answer.headers.location, body: said }), reject);
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
