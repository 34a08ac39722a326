// One service as a process of its own: node main.ts payment http://127.0.0.1:8080/api
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { placeOf } from "../call.ts";
import { postFrom } from "./post.ts";
import { openService } from "./service.ts";
import { trades } from "./trades.ts";

// It ends with the process that started it and not before, for that may have something to take back at its end.
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {});

const [name, to] = z.tuple([z.enum(["payment", "stock", "shipping"]), z.string()]).parse(process.argv.slice(2));
const place = placeOf(name);
const socket = `${place}.sock`;
if (await once(connect(socket), "connect").catch(() => undefined)) {
  process.stderr.write(`${socket}: another ${name} service listens there; give this app a folder by AFOOT_DEMO_DATA\n`);
  process.exit(1);
}
rmSync(socket, { force: true }); // left by one that was killed

const service = openService<z.ZodType>(trades[name], `${place}.db`, postFrom(name, to));
const asked = z.object({ order: z.string(), request: z.unknown() });
const server = createServer((incoming, response) => {
  const answer = async (): Promise<void> => {
    const [key, body] = [String(incoming.url).slice(1), await text(incoming)];
    if (incoming.method === "DELETE") service.undo(key);
    else service.ask(key, asked.parse(JSON.parse(body)));
  };
  void answer().then(
    () => response.writeHead(204).end(),
    (error: unknown) => response.writeHead(400).end(String(error)),
  );
});
await once(server.listen(socket), "listening");
writeFileSync(`${place}.pid`, `${process.pid}\n`);
process.send?.("listening");
