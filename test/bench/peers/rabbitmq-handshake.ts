import connection from 'rabbitmq-stream-js-client/dist/connection.js';

const { Connection } = connection;
const METHOD = 'exchangeCommandVersions';

/**
 * The library tells every server which versions of the commands it speaks. RabbitMQ has known that command since 3.11
 * and closes the connection at what it does not know; without it both keep to the first versions, which is all that
 * such a server has. So the library is kept from asking it.
 */
export function skipUnknownCommand(): void {
  const exchange: unknown = Reflect.get(Connection.prototype, METHOD);
  if (typeof exchange !== 'function') {
    throw new TypeError(`rabbitmq-stream-js-client has no Connection.${METHOD}`);
  }
  Reflect.set(
    Connection.prototype,
    METHOD,
    function (this: InstanceType<typeof Connection>): unknown {
      const [major = 0, minor = 0] = this.rabbitManagementVersion.split('.').map(Number);
      const isKnown = major > 3 || (major === 3 && minor >= 11);
      return isKnown ? Reflect.apply(exchange, this, []) : Promise.resolve(true);
    },
  );
}
