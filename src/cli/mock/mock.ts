import { mockOptions } from "./mock-options.ts";
import { serveMock } from "./serve-mock.ts";
import { UnservableError } from "./unservable.ts";

/** Serves what an OpenAPI document of the pattern describes, from its examples alone, until SIGTERM or SIGINT. */
export async function mock(argv: readonly string[]): Promise<number> {
  const options = mockOptions(argv, process.env);
  try {
    const { origin, collections, left, close } = await serveMock(options);
    const paths = collections.map((path) => `  ${origin}${path}\n`);
    process.stdout.write(`Afoot mocks\n${paths.join("")}from ${options.file}. Ctrl-C stops it.\n`);
    process.stderr.write(left.map((reason) => `Not served: ${reason}\n`).join(""));
    await stopAsked();
    await close();
    return 0;
  } catch (error) {
    if (!(error instanceof UnservableError)) throw error;
    process.stderr.write(`afoot mock: ${options.file} cannot be served: ${error.message}\n`);
    return 2;
  }
}

async function stopAsked(): Promise<void> {
  const asked = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => asked.resolve());
  return asked.promise;
}
