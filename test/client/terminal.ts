import { EventEmitter } from "node:events";
import type { FollowHost } from "../../src/cli/follow/follow.ts";

class Recorded {
  readonly isTTY: boolean;
  text = "";

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** A process without a terminal, or with one, whose output is kept. */
// oxlint-disable-next-line unicorn/prefer-event-target -- a process is an emitter
export class Terminal extends EventEmitter implements FollowHost {
  readonly stdout: Recorded;
  readonly stderr: Recorded;

  constructor({ isTTY = false }: { isTTY?: boolean } = {}) {
    super();
    this.stdout = new Recorded(isTTY);
    this.stderr = new Recorded(isTTY);
  }

  /** The final screen: each line as it was last drawn. */
  get screen(): readonly string[] {
    return this.stdout.text.split("\n").map(
      (line) =>
        line
          .split("\r\u001B[2K")
          .at(-1)
          ?.replaceAll(/\u001B\[\?7[lh]/g, "") ?? "",
    );
  }

  /** Every drawing of the bar, in order. */
  get drawn(): readonly string[] {
    return [...this.stdout.text.matchAll(/\u001B\[\?7l(.*?)\u001B\[\?7h/g)].map(([, line = ""]) => line);
  }
}
