/** Where the broker tells an operator what happens; pino's loggers are of this shape. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** For tests and embedders that do not want to hear anything. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
