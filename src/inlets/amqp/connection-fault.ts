import type { AmqpNode } from "./options.ts";

/** Returns the reason for which messages are not consumed, and its fix, without user name or password. */
export function connectionFault(error: unknown, { vhost }: AmqpNode, queue: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const names = `queue ${JSON.stringify(queue)}`;
  if (/ACCESS.REFUSED.*Login was refused|authentication/i.test(message)) {
    return "RabbitMQ refused the user name or the password; check both in the URL, with special characters percent-encoded (the user guest may only connect from the same machine)";
  }
  // amqplib does not report the reason that RabbitMQ gives for this one.
  if (message.includes("Expected ConnectionOpenOk")) {
    const name = JSON.stringify(vhost);
    return `RabbitMQ refused the virtual host ${name}: it does not exist, or the user may not use it; check the path of the URL, or run: rabbitmqctl add_vhost ${name}; rabbitmqctl set_permissions --vhost ${name} USER ${JSON.stringify(queue)} "" ${JSON.stringify(queue)}`;
  }
  if (/ACCESS.REFUSED/i.test(message)) {
    return `the user may not use the ${names}; permit it to read the queue, and to configure the queue if Afoot is to create it: rabbitmqctl set_permissions`;
  }
  if (/RESOURCE.LOCKED/i.test(message)) {
    return `another connection uses the ${names} exclusively; declare it without exclusive`;
  }
  if (/self.signed|unable to verify|unable to get.*issuer/i.test(message)) {
    return `${message}; pass the certificate of the authority as caFile in the URL, or as tls.ca`;
  }
  return message;
}
