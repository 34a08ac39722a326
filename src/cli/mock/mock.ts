import { printableLines } from "../printable.ts";
import { mockOptions } from "./mock-options.ts";
import { serveMock } from "./serve-mock.ts";
import { UnservableError } from "./unservable.ts";

/** Serves the resources of an OpenAPI document from its examples until SIGTERM or SIGINT. */
export async function mock(argv: readonly string[]): Promise<number> {
  const options = mockOptions(argv, process.env);
  try {
    const { origin, collections, notServed, close } = await serveMock(options);
    const paths = collections.map((path) => `  ${origin}${path}\n`);
    process.stdout.write(
      `Afoot mock serves\n${printableLines(paths.join(""))}from ${options.file}. Press Ctrl-C to stop.\n`,
    );
    process.stderr.write(notServed.map((reason) => `Not served: ${printableLines(reason)}\n`).join(""));
    await stopRequested();
    await close();
    return 0;
  } catch (error) {
    if (!(error instanceof UnservableError)) throw error;
    process.stderr.write(`afoot mock: cannot serve ${options.file}: ${printableLines(error.message)}\n`);
    return 2;
  }
}

async function stopRequested(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopped.resolve());
  return stopped.promise;
}
