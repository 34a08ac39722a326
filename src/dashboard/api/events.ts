export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Reads server-sent events. An EventSource could not send credentials. */
export async function* readEvents(answer: Response, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const read = eventOf(block);
        if (read !== undefined) yield read;
      }
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** Undefined for a comment, which only says that the stream is alive. */
function eventOf(block: string): ServerEvent | undefined {
  let event = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data === "" ? undefined : { event, data: JSON.parse(data) };
}
