// Explanations of the errors that a program meets: at its start, in calls inside the process, in the client and commands.
import type { Explanation } from "./explanation.ts";

export const STARTUP: Readonly<Record<string, Explanation>> = {
  "invalid-definition": [
    "A declaration or an option is invalid. Nothing has run.",
    "The message names the option and its value.",
    "Correct the option as the message says.",
  ],
  "port-in-use": [
    "`afoot start` cannot listen on its port.",
    "Another process listens there.",
    "End it, or give another `--port`.",
  ],
  "address-unavailable": [
    "`afoot mock` cannot listen on its address.",
    "The port is in use, or the host is none of this machine.",
    "Give another `--port` or `--host`.",
  ],
  "store-locked": [
    "Another process has opened the SQLite file.",
    "A file belongs to one process; the message names it.",
    "Stop that process, or give another path. For several processes, use [PostgreSQL](postgres.md).",
  ],
  "store-busy": [
    "Another program writes to the store.",
    "A tool holds a transaction, or another `afoot copy` runs.",
    "End it and start again.",
  ],
  "store-corrupt": [
    "The file is damaged, or not a SQLite database. Nothing was changed.",
    "The disk failed, the file was copied while it was written, or the path is wrong.",
    "Restore the file [from a backup](operations.md#backup-and-restore), or correct the path.",
  ],
  "store-foreign": [
    "The file is the database of another program. Nothing was changed.",
    "The path is wrong.",
    "Give another path.",
  ],
  "store-newer": [
    "A later version of Afoot has migrated the tables. Nothing was changed.",
    "An older version was started after an upgrade.",
    "Start the later version. See [upgrade](operations.md#upgrade).",
  ],
  "store-moved": [
    "`afoot copy` has moved the store, or was interrupted at its end.",
    "The process was started with the old path.",
    "Start with the new URL; after an interruption, run the same copy again.",
  ],
  "store-read-only": [
    "The store cannot be written.",
    "File or folder have no write permission, or the database is a standby.",
    "Correct the permissions, or give the URL of the primary server.",
  ],
  "store-io": ["The disk cannot be read or written.", "The disk failed.", "Check the disk and the log of the system."],
  "store-missing": [
    "The store does not exist.",
    "The path of `afoot copy --from` or the name of the database is wrong.",
    "Correct it, or create the database.",
  ],
  "store-path": [
    "The path of the SQLite file is invalid.",
    "It is empty, a folder, or in memory only.",
    "Give the path of a file, such as `./data/afoot.db`.",
  ],
  "store-options": [
    "An option of `postgresStore` is invalid.",
    "The message names the option and its value.",
    "Correct it. See [PostgreSQL](postgres.md).",
  ],
  "store-denied": [
    "PostgreSQL refuses the user.",
    "The password is wrong, `pg_hba.conf` does not allow the user, or it lacks a privilege.",
    "Correct the credentials, or grant what the message names.",
  ],
  "store-unreachable": [
    "PostgreSQL cannot be reached.",
    "The server is down, the URL is wrong, or no connection is free.",
    "Start the server, correct the URL, or lower `maxConnections`.",
  ],
  "store-old-server": ["The PostgreSQL server is older than 15.", "The URL leads to an old server.", "Upgrade it."],
  "store-encoding": [
    "The database is not encoded in UTF-8.",
    "It was created with another encoding.",
    "Create one with `encoding 'UTF8' template template0`.",
  ],
  "store-open": [
    "The store cannot be opened.",
    "The message has the reason of the database, or the store was opened before.",
    "Act on the reason; create a new store for each start.",
  ],
  "store-not-empty": [
    "The target of `afoot copy` has rows already.",
    "The schema was used before.",
    "Name another schema with `?schema=NAME`, or drop this one.",
  ],
  "store-tables": [
    "The tables of the two stores of `afoot copy` differ. Nothing was copied.",
    "A bug of this version of Afoot.",
    "Report it.",
  ],
  "broker-closed": [
    "The broker was used after it was closed.",
    "The app was closed, and its broker passed to another start.",
    "Create another one with `natsBroker()`.",
  ],
  "broker-served": [
    "Two servers of a process use one broker.",
    "`app.start` was called twice with the same broker.",
    "Start one server per process.",
  ],
  "key-file": [
    "The key file of `afoot keys` cannot be changed.",
    "It cannot be read or written, has no such key, or another command changes it.",
    "Act on the reason in the message.",
  ],
  usage: [
    "A command was called with invalid arguments.",
    "The message names the argument.",
    "See [commands](reference/commands.md).",
  ],
  "unservable-document": [
    "`afoot mock` cannot serve the OpenAPI document.",
    "The document is invalid, or describes no resource of the pattern.",
    "Correct the place that the message names.",
  ],
  "broken-package": [
    "The installed package lacks a file.",
    "The installation is incomplete.",
    "Install `afoot` again.",
  ],
};

export const CALLS: Readonly<Record<string, Explanation>> = {
  "not-started": [
    "The app was called before its start, or after its end.",
    "`app.start()` was not awaited.",
    "Await `app.start()` first. HTTP clients get `overloaded`.",
  ],
  started: ["The app was started twice.", "It is still running.", "Await `app.close()` before the next start."],
  "body-consumed": [
    "A body parser has read the body in front of the app. HTTP clients get `internal`.",
    "The app is mounted after `express.json()` or similar.",
    "Mount the app before the parser. See [hosts](hosts.md).",
  ],
  "invalid-principal": [
    "`authenticate` returned an invalid principal.",
    "Its id is too long, or a field is not JSON.",
    "Return a small object with a string `id`.",
  ],
  "store-refused": [
    "The store cannot save a value.",
    "A text contains a character that the database does not store, such as NUL.",
    "Reject such text in the schema of the type.",
  ],
  "transaction-invalid": [
    "The option `transaction` is no client.",
    "It has no method `query(text, values)`.",
    "Pass a client of `pg`, or an adapter. See [transactions](transactions.md).",
  ],
  "transaction-missing": [
    "The client of `transaction` is not in a transaction. Nothing was written.",
    "`BEGIN` is missing, or a pool was passed.",
    "Run `BEGIN` on the client, and pass the client itself.",
  ],
  "transaction-aborted": [
    "An earlier statement of the transaction has failed.",
    "PostgreSQL accepts only a rollback after that.",
    "Roll it back and run it again.",
  ],
  "transaction-foreign": [
    "The client is connected to another database than the store.",
    "The application uses two databases.",
    "Use a client of the store's own database.",
  ],
  "transaction-read-only": [
    "The transaction is read-only.",
    "It was begun so, or runs on a standby.",
    "Begin it with `begin read write` on the primary server.",
  ],
  "transactions-unsupported": [
    "The store cannot join a transaction of the application.",
    "The store is SQLite, or one of your own.",
    "Use `postgresStore()`, or call without `transaction`.",
  ],
};

export const CLIENT: Readonly<Record<string, Explanation>> = {
  unreachable: [
    "No usable reply arrived in time, in spite of retries.",
    "The server or the network is down; `cause` has the last error.",
    "Follow the resource again by its URL.",
  ],
  "time-limit": [
    "The resource is still in progress after the time limit of the call.",
    "The work takes longer than `timeoutMs` of the call.",
    "Follow it again by its URL: the operation continues.",
  ],
  "etag-missing": [
    "`ifUnchanged` was used without an ETag.",
    "The server sends none, or the handle has not been read.",
    "Call `refresh()` first, or omit `ifUnchanged`.",
  ],
  "foreign-url": [
    "A URL is not one of the collection.",
    "`attach(url)` got the URL of another collection or server.",
    "Use the collection that the URL belongs to.",
  ],
  "invalid-id": ["The id cannot be part of a URL.", "The id is empty, `.` or `..`.", "Use another id."],
  "invalid-body": [
    "A value is not JSON.",
    "A Date, Map, BigInt or cyclic object is in the configuration; the message has its path.",
    "Convert it first, for example with `toISOString()`.",
  ],
  "not-deleted": [
    "`deleted()` was called on a resource that is not being deleted.",
    "`delete()` is missing.",
    "Call `delete()` first.",
  ],
  "not-json": [
    "The reply of a server is not JSON.",
    "The URL is wrong, or a proxy answers with a page.",
    "Open the URL with curl.",
  ],
  "not-a-resource": [
    "The reply is JSON, and has no status.",
    "The URL is not that of a resource of the pattern.",
    "Use the URL of `Location`, or the preset of the API.",
  ],
  redirected: [
    "A server redirects to another host, which would get the headers of the request.",
    "The API has moved, or the server cannot be trusted.",
    "Pass the URL that the message names, if you trust it.",
  ],
};

export const INTERNAL: Readonly<Record<string, Explanation>> = {
  "client-gone": [
    "A client disconnected before its body was complete.",
    "The client gave up, or the connection broke.",
    "Nothing: no reply could be sent, and nothing is logged.",
  ],
  "resource-exists": [
    "The id of a create exists already. HTTP shows it as `precondition-failed`.",
    "Another client created it.",
    "Read the resource.",
  ],
  "too-many-of-owner": [
    "The owner has reached its limit. HTTP shows it as `too-many-in-progress`.",
    "`maxInProgressPerPrincipal` is reached.",
    "See `too-many-in-progress`.",
  ],
  "handed-back": [
    "Reason of an aborted `signal`: the worker is stopping.",
    "The process got SIGTERM.",
    "End soon; the work runs again over its recorded steps.",
  ],
  "attempt-ended": [
    "Reason of an aborted `signal`: the server has ended the attempt.",
    "The lease of the worker expired, or another attempt runs.",
    "Nothing: later messages of the attempt are dropped.",
  ],
  "work-fault": [
    "Reason of an aborted `signal`: an error in the work was never handled.",
    "A promise was rejected without `await`, or a callback threw.",
    "Await each promise; the log has the error.",
  ],
  waiting: [
    "Reason of an aborted `signal`: all calls wait.",
    "The work called `sleep`, `until`, `receive` or `settled`.",
    "Nothing: the next attempt continues.",
  ],
  "replay-ended": [
    "Reason of an aborted `signal`: the replay that collects undo functions has ended.",
    "Steps are being undone.",
    "Nothing.",
  ],
};
