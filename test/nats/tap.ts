import { connect, type Msg } from "@nats-io/transport-node";
import schemas from "afoot/messages.schema.json" with { type: "json" };
import { Ajv2020 } from "ajv/dist/2020.js";

const ajv = new Ajv2020({ discriminator: true, allowUnionTypes: true });
ajv.addSchema(schemas);

/** Validates all messages that pass through NATS against the published schemas. */
export interface Tap extends AsyncDisposable {
  /** Messages seen, by the name of their schema; ends with their outcome. */
  readonly seen: ReadonlySet<string>;
  /** Messages that their schema rejects. */
  readonly faults: readonly string[];
}

/** Subscribes to all subjects under a prefix, and to the replies. */
export async function tapNats(url: string, prefix = "afoot"): Promise<Tap> {
  const nats = await connect({ servers: url });
  const seen = new Set<string>();
  const faults: string[] = [];
  /** Expected kind of reply, by inbox. */
  const replies = new Map<string, string>();

  const check = (name: string, text: string): void => {
    const message: unknown = JSON.parse(text);
    const validate = ajv.getSchema(`urn:afoot:messages#/$defs/${name}`);
    if (validate === undefined) throw new RangeError(`there is no schema for ${name}`);
    const isValid: unknown = validate(message);
    if (isValid !== true) faults.push(`${name}: ${ajv.errorsText(validate.errors)}: ${text.slice(0, 500)}`);
    const outcome = /"outcome":"([a-z-]+)"/.exec(text)?.[1];
    seen.add(outcome === undefined ? name : `${name} ${outcome}`);
  };
  const record = ({ subject, reply = "" }: Msg, text: string): void => {
    const [kind = "", second = ""] = subject.slice(prefix.length + 1).split(".");
    switch (kind) {
      case "worker":
        check(second, text);
        if (reply !== "") replies.set(reply, `${second}Reply`);
        break;
      case "due":
        seen.add("due");
        break;
      case "flush":
      case "notices":
      case "status":
        check(kind, text);
        break;
      default:
        faults.push(`nobody knows of ${subject}`);
    }
  };
  nats.subscribe(`${prefix}.>`, { callback: (_, message) => record(message, message.string()) });
  nats.subscribe("_INBOX.>", {
    callback(_, message) {
      const name = replies.get(message.subject);
      if (name === undefined) return;
      const isError = message.headers?.has("Nats-Service-Error-Code") === true;
      check(isError ? "problem" : name, message.string());
    },
  });
  await nats.flush();
  return { seen, faults, [Symbol.asyncDispose]: () => nats.drain() };
}
